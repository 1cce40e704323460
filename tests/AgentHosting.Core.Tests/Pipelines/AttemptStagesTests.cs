using AgentHosting.Fallbacks;
using AgentHosting.Retries;
using AgentHosting.Testing;
using Microsoft.Extensions.AI;

namespace AgentHosting.Core.Tests.Pipelines;

/// <summary>One layer owns retries, and one the chain of models: two of them would multiply.</summary>
public sealed class AttemptStagesTests
{
    [Fact]
    public void Build_RetryTwice_SaysToRemoveOne()
    {
        using var model = new ScriptedChatClient(ScriptedTurn.Text("ok"));
        var builder = model.AsBuilder().UseRetry(new RetryOptions()).UseRetry(new RetryOptions());

        var exception = Assert.Throws<InvalidOperationException>(() => builder.Build());

        Assert.Equal(
            "UseRetry stands in this pipeline twice, maybe once in the pipeline of a model. Their attempts multiply: three times three are nine requests. Remove one.",
            exception.Message);
    }

    [Fact]
    public void Build_FallbackTwice_SaysToRemoveOne()
    {
        using var model = new ScriptedChatClient(ScriptedTurn.Text("ok"));
        var builder = model.AsBuilder().UseFallback(new FallbackOptions { Models = { "b" } }).UseFallback(new FallbackOptions { Models = { "c" } });

        Assert.StartsWith("UseFallback stands in this pipeline twice", Assert.Throws<InvalidOperationException>(() => builder.Build()).Message, StringComparison.Ordinal);
    }
}
