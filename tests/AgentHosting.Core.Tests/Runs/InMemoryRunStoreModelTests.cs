using AgentHosting.Compliance;
using AgentHosting.Compliance.Model;
using AgentHosting.Runs;
using AgentHosting.Runs.Internal.InMemory;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace AgentHosting.Core.Tests.Runs;

public sealed class InMemoryRunStoreModelTests : RunStoreModelCompliance
{
    protected override RunStoreUnderTest CreateStore(RunStoreOptions options)
    {
        var time = new FakeTimeProvider();
        return new(new InMemoryRunStore(Options.Create(options), time, NullLogger<InMemoryRunStore>.Instance), time, span =>
        {
            time.Advance(span);
            return ValueTask.CompletedTask;
        });
    }
}
