namespace AgentHosting.CircuitBreakers;

/// <summary>Keeps the circuits. Each operation is one atomic step, on the store's own clock, so that replicas may share a store.</summary>
public interface ICircuitBreakerStore
{
    /// <summary>Asks to make one call.</summary>
    /// <param name="key">The circuit, made at first use.</param>
    /// <param name="settings">Its rules.</param>
    /// <param name="cancellationToken">Ends the request to the store.</param>
    /// <returns>A permit, which must go back through <see cref="ReportAsync"/>, or how long to wait.</returns>
    ValueTask<CircuitDecision> TryAcquireAsync(string key, CircuitSettings settings, CancellationToken cancellationToken);

    /// <summary>
    /// Gives a permit back with what the call said about the model. A permit of an older generation changes nothing, nor does that of a probe that came back
    /// before. One exception: a probe whose lease is over and that succeeds counts, once, if the circuit has neither opened nor closed since it was let through.
    /// Without it a model whose calls take longer than the lease would never be let back in. A store keeps at least the latest 32 such probes.
    /// </summary>
    /// <param name="permit">The permit.</param>
    /// <param name="settings">The rules of the circuit.</param>
    /// <param name="outcome">The outcome.</param>
    /// <param name="pauseFor">How long the provider asks to be left alone; zero when it does not. The later of the old and the new point in time holds.</param>
    /// <param name="cancellationToken">Ends the request to the store.</param>
    /// <returns>What changed.</returns>
    ValueTask<CircuitReportResult> ReportAsync(
        CircuitPermit permit, CircuitSettings settings, CircuitOutcome outcome, TimeSpan pauseFor, CancellationToken cancellationToken);

    /// <summary>Reads a circuit, without changing it.</summary>
    /// <param name="key">The circuit.</param>
    /// <param name="settings">Its rules.</param>
    /// <param name="cancellationToken">Ends the request to the store.</param>
    /// <returns>Its status; of a circuit that was never used, that of a closed one.</returns>
    ValueTask<CircuitStatus> GetAsync(string key, CircuitSettings settings, CancellationToken cancellationToken);
}
