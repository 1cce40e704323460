namespace AgentHosting.ResponseCaching.Internal;

/// <summary>A shared call whose leader wants the whole response.</summary>
internal sealed class WholeFlight(FlightTable? table, RequestKey key, int handOvers) : Flight(table, key, handOvers)
{
    private readonly TaskCompletionSource<FlightResult> _result = new(TaskCreationOptions.RunContinuationsAsynchronously);

    protected override bool HasEnded => _result.Task.IsCompleted;

    /// <summary>Makes the call, for its leader.</summary>
    public async Task RunAsync<TState>(Func<TState, CancellationToken, ValueTask<FlightResult>> call, TState state)
    {
        try
        {
            var result = await call(state, Token);
            Close();
            _result.SetResult(result);
        }
        catch (Exception exception)
        {
            // The failure is that of everyone who waits; they throw it.
            Close();
            _result.SetException(exception);
            _ = _result.Task.Exception;
        }
    }

    public Task<FlightResult> WaitAsync(CancellationToken cancellationToken) => _result.Task.WaitAsync(cancellationToken);

    protected override Task EndedAsync() => _result.Task;
}
