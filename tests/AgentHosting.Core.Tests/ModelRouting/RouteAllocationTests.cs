using AgentHosting.ModelRouting;
using AgentHosting.ModelRouting.Internal;
using Microsoft.Extensions.AI;

namespace AgentHosting.Core.Tests.ModelRouting;

/// <summary>A choice costs its context and the options that carry it, and nothing else.</summary>
public sealed class RouteAllocationTests
{
    private static readonly ChatMessage[] Messages = [new(ChatRole.User, RouterFixture.Hard)];
    private static readonly ModelRouterOptions Options = new() { Candidates = { new() { Model = "mini" }, new() { Model = "large" } } };

    [Fact]
    public void ThatFit_WithoutLimits_AllocatesNothing()
    {
        var targets = new RouteTargets(Options, catalog: null);

        AssertAllocatesNothing(() => targets.ThatFit(Messages, null));
    }

    [Theory]
    [InlineData(ModelRoutePolicies.Complexity)]
    [InlineData(ModelRoutePolicies.Cheapest)]
    [InlineData(ModelRoutePolicies.Weighted)]
    public void Choose_SameReasonAgain_AllocatesNothing(string name)
    {
        IModelRoutePolicy policy = name switch
        {
            ModelRoutePolicies.Complexity => new ComplexityRoutePolicy(Options, judge: null),
            ModelRoutePolicies.Cheapest => new CheapestRoutePolicy(500),
            _ => new WeightedRoutePolicy(static () => 0.5),
        };
        var context = new ModelRouteContext { Messages = Messages, Targets = new RouteTargets(Options, catalog: null).ThatFit(Messages, null) };

        AssertAllocatesNothing(() =>
        {
            var choice = policy.ChooseAsync(context, CancellationToken.None);
            Assert.NotNull(choice.GetAwaiter().GetResult());
        });
    }

    [Fact]
    public void RouteFor_OtherReason_IsAnotherRoute()
    {
        var target = new ModelRouteTarget { Model = "mini", Tier = 0 };
        var simple = target.RouteFor("simple");

        Assert.Equal(("mini", "simple"), (simple.Model, simple.Reason));
        Assert.Same(simple, target.RouteFor("simple"));
        Assert.Equal("pinned", target.RouteFor("pinned").Reason);
    }

    private static void AssertAllocatesNothing(Action action)
    {
        // The runtime allocates on this thread too, while it compiles anew: the least of some rounds is ours.
        var least = long.MaxValue;
        for (var round = 0; round < 20 && least > 0; round++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < 100; i++)
            {
                action();
            }

            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.Equal(0, least);
    }
}
