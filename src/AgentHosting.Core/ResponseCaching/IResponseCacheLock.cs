namespace AgentHosting.ResponseCaching;

/// <summary>
/// Lets one replica ask the model while the others wait for its answer to appear in the shared cache. Optional: without it each replica asks once.
/// </summary>
public interface IResponseCacheLock
{
    /// <summary>Tries to become the one replica that asks.</summary>
    /// <param name="key">The key of the answer in the shared cache.</param>
    /// <param name="lease">How long the lock holds when it is not released.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <returns>The lock, released by disposing it; <see langword="null"/> when another replica has it.</returns>
    ValueTask<IAsyncDisposable?> TryAcquireAsync(string key, TimeSpan lease, CancellationToken cancellationToken);
}
