using AgentHosting.Compliance;
using AgentHosting.Runs;
using AgentHosting.Runs.Internal.InMemory;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace AgentHosting.Core.Tests.Runs;

public sealed class InMemoryRunStoreTests : RunStoreCompliance
{
    private readonly FakeTimeProvider _time = new();

    protected override ValueTask<IRunStore> CreateStoreAsync(RunStoreOptions options) =>
        ValueTask.FromResult<IRunStore>(new InMemoryRunStore(Options.Create(options), _time, NullLogger<InMemoryRunStore>.Instance));

    protected override ValueTask AdvanceAsync(TimeSpan time)
    {
        _time.Advance(time);
        return ValueTask.CompletedTask;
    }
}
