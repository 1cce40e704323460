namespace AgentHosting.ResponseCaching;

/// <summary>
/// Lets one replica ask the model while the others wait for its answer to appear in the shared cache. Optional: without it each replica asks once.
/// </summary>
/// <remarks>
/// The lock saves calls and guards nothing: it is not renewed, and when its lease ends before the answer is there, another replica gets it and asks too.
/// An implementation must tie the lock to its holder (a token of its own, compared when it is released), so that a holder whose lease has ended cannot
/// release the lock of the next one.
/// </remarks>
public interface IResponseCacheLock
{
    /// <summary>Tries to become the one replica that asks.</summary>
    /// <param name="key">The key of the answer in the shared cache.</param>
    /// <param name="lease">How long the lock holds when it is not released.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <returns>
    /// The lock, released by disposing it, which does nothing once the lease has ended; <see langword="null"/> when another replica has it.
    /// </returns>
    ValueTask<IAsyncDisposable?> TryAcquireAsync(string key, TimeSpan lease, CancellationToken cancellationToken);
}
