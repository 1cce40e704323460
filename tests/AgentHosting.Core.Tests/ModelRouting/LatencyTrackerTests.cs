using AgentHosting.ModelRouting;
using AgentHosting.ModelRouting.Internal;
using AgentHosting.Pricing;
using AgentHosting.Testing;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace AgentHosting.Core.Tests.ModelRouting;

/// <summary>In shadow mode calls go to the models that callers name, and callers can make up any number of names.</summary>
public sealed class LatencyTrackerTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Shadow_CallersMakeUpNames_KeepsABoundedNumberOfModels(bool streaming)
    {
        using var model = new ScriptedChatClient(ScriptedTurn.Text("x")) { Repeat = true };
        var options = new ModelRouterOptions
        {
            Policy = ModelRoutePolicies.Latency,
            ShadowMode = true,
            RouteNamedModels = true,
            Candidates = { new() { Model = "a" }, new() { Model = "b" } },
        };
        var policies = new RoutePolicyFactory(options, model, null, NoServices.Instance, new FakeTimeProvider(), static () => 0);
        using var router = new ModelRouterChatClient(model, options, policies, TokenEstimator.Instance, NullLogger.Instance, new ModelRouterMetrics(null));
        for (var i = 0; i < 2000; i++)
        {
            await router.CallAsync(streaming, new ChatOptions { ModelId = $"made up {i}" });
        }

        Assert.InRange(policies.Tracker!.Count, 1, 1000);
    }

    private sealed class NoServices : IServiceProvider
    {
        public static NoServices Instance { get; } = new();

        public object? GetService(Type serviceType) => null;
    }
}
