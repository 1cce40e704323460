using AgentHosting.ModelRouting;
using AgentHosting.ModelRouting.Internal;
using Microsoft.Extensions.AI;
using static AgentHosting.Core.Tests.ModelRouting.RouterFixture;

namespace AgentHosting.Core.Tests.ModelRouting;

public sealed class SessionStickyTests
{
    [Fact]
    public async Task Session_StaysOrMovesUp_NeverDown()
    {
        using var fixture = new RouterFixture();
        using var client = fixture.Build(options => options.Policy = ModelRoutePolicies.SessionSticky);
        var context = new AgentCallContext { SessionId = "s" };
        var options = new ChatOptions().WithAgentContext(context);

        Assert.Equal("mini", await AskAsync(client, Easy, options));
        Assert.Equal("simple", context.RouteReason);
        Assert.Equal("mini", await AskAsync(client, Easy, options, stream: true));
        Assert.Equal("pinned", context.RouteReason);
        Assert.Equal("large", await AskAsync(client, Hard, options));
        Assert.Equal("escalated", context.RouteReason);
        Assert.Equal("large", await AskAsync(client, Easy, options));
        Assert.Equal("pinned", context.RouteReason);
        Assert.Equal("mini", await AskAsync(client, Easy, Session("other")));
        Assert.Equal("mini", await AskAsync(client, Easy, Session("s", "another tenant")));
        Assert.Equal("mini", await AskAsync(client, Easy));
    }

    [Fact]
    public async Task Session_OutgrowsItsModel_IsChosenForAnew()
    {
        using var fixture = new RouterFixture((name, model) => model.ContextWindow = name == "mini" ? 100 : 10_000);
        using var client = fixture.Build(options => (options.Policy, options.SessionPolicy) = (ModelRoutePolicies.SessionSticky, ModelRoutePolicies.Cheapest));
        var options = Session("s");

        Assert.Equal("mini", await AskAsync(client, Easy, options));
        Assert.Equal("mid", await AskAsync(client, new string('x', 800), options));
        Assert.Equal("mid", await AskAsync(client, Easy, options));
    }

    [Fact]
    public async Task Session_OfAPolicyOfChance_IsDrawnOnce()
    {
        using var fixture = new RouterFixture();
        using var client = fixture.Build(options => (options.Policy, options.SessionPolicy) = (ModelRoutePolicies.SessionSticky, ModelRoutePolicies.Weighted));
        var first = await AskAsync(client, Easy, Session("s"));
        for (var i = 0; i < 30; i++)
        {
            Assert.Equal(first, await AskAsync(client, Hard, Session("s")));
        }
    }

    [Fact]
    public async Task Session_FirstCallsAtOnce_GoWhereTheFirstChoicePinnedIt()
    {
        using var fixture = new RouterFixture(configure: builder => builder.AddModelRoutePolicy("gated", _ => new GatedPolicy()));
        using var client = fixture.Build(options => (options.Policy, options.SessionPolicy) = (ModelRoutePolicies.SessionSticky, "gated"));
        var (large, mini) = (new TaskCompletionSource<string>(), new TaskCompletionSource<string>());
        var first = AskAsync(client, Easy, Gated("s", large));
        var others = Enumerable.Range(0, 20).Select(i => AskAsync(client, Easy, Gated("s", mini), stream: i % 2 == 0)).ToArray();

        large.SetResult("large");
        Assert.Equal("large", await first);
        mini.SetResult("mini");

        Assert.All(await Task.WhenAll(others), model => Assert.Equal("large", model));
    }

    [Fact]
    public void Pin_ASessionThatStands_IsReturned()
    {
        var pins = new SessionPins(8);
        ModelRouteTarget[] tiers = [.. Enumerable.Range(0, 3).Select(tier => new ModelRouteTarget { Model = $"m{tier}", Tier = tier })];

        Assert.Same(tiers[1], pins.Pin((null, "s"), tiers[1]));
        Assert.Same(tiers[1], pins.Pin((null, "s"), tiers[0]));
        Assert.Same(tiers[1], pins.Pin((null, "s"), tiers[2], mayRise: false));
        Assert.Same(tiers[1], pins.Pin((null, "s"), tiers[0], outgrown: tiers[2]));
        Assert.Same(tiers[0], pins.Pin((null, "s"), tiers[0], outgrown: tiers[1]));
        Assert.Same(tiers[2], pins.Pin((null, "s"), tiers[2]));
        Assert.Same(tiers[2], pins.Find((null, "s")));
    }

    [Fact]
    public void Pins_AreBounded_AndKeepThoseInUse()
    {
        var pins = new SessionPins(100);
        var target = new ModelRouteTarget { Model = "a", Tier = 0 };
        for (var i = 0; i < 10_000; i++)
        {
            pins.Pin((null, $"s{i}"), target);
            Assert.InRange(pins.Count, 1, 100);
            Assert.True(i == 0 || pins.Find((null, "s0")) is not null);
        }

        Assert.Null(pins.Find((null, "s5")));
    }

    [Fact]
    public async Task Pins_UnderConcurrentEscalation_NeverFall()
    {
        var pins = new SessionPins(8);
        ModelRouteTarget[] tiers = [.. Enumerable.Range(0, 50).Select(tier => new ModelRouteTarget { Model = $"m{tier}", Tier = tier })];

        await Task.WhenAll(Enumerable.Range(0, 4).Select(start => Task.Run(() =>
        {
            for (var i = 0; i < tiers.Length; i++)
            {
                pins.Pin((null, "s"), tiers[(i + (start * 13)) % tiers.Length]);
            }
        })));

        Assert.Equal(49, pins.Find((null, "s"))!.Tier);
    }

    private static ChatOptions Gated(string session, TaskCompletionSource<string> choice)
    {
        var options = Session(session);
        options.AdditionalProperties![GatedPolicy.Key] = choice;
        return options;
    }
}
