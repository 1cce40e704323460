using AgentHosting.Runs;

namespace AgentHosting.Compliance.Model;

/// <summary>A new, empty store with a clock of its own that a test moves.</summary>
/// <param name="Store">The store.</param>
/// <param name="Clock">The store's clock.</param>
/// <param name="AdvanceAsync">Moves the clock.</param>
public sealed record RunStoreUnderTest(IRunStore Store, TimeProvider Clock, Func<TimeSpan, ValueTask> AdvanceAsync);
