using AgentHosting.Agents;
using AgentHosting.Fallbacks;
using AgentHosting.ModelRouting;
using AgentHosting.Pricing;
using AgentHosting.Testing;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

namespace AgentHosting.Core.Tests.Pricing;

/// <summary>All that counts a request asks the counter that the host has registered.</summary>
public sealed class RegisteredCounterTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(4_000, false)]
    [InlineData(6_000, true)]
    public async Task Fallback_WindowOfTheNextModel_IsComparedWithTheCount(int window, bool fits)
    {
        using var first = new ScriptedChatClient(ScriptedTurn.Fail(503)) { Repeat = true };
        using var second = new ScriptedChatClient(ScriptedTurn.Text("second"));
        await using var host = await TestHost.StartAsync(hosting =>
        {
            hosting.Services.AddSingleton<ITokenCounter>(new FixedCounter(5_000));
            hosting.AddModel("a", _ => first).AddModel("b", _ => second, options => options.ContextWindow = window)
                .AddAgent("x", static agent => agent.UsePipeline(static pipeline => pipeline.UseFallback(new FallbackOptions { Models = { "b" } })));
        });

        var call = host.Services.GetRequiredService<IAgentRegistry>().Find("x")!.ChatClient.GetResponseAsync("Hi", cancellationToken: Token);

        if (fits)
        {
            Assert.Equal("second", (await call).Text);
        }
        else
        {
            // The error of the only model that was asked.
            await Assert.ThrowsAsync<ScriptedHttpException>(() => call);
            Assert.Equal(0, second.CallCount);
        }
    }

    [Theory]
    [InlineData(4_000, "large")]
    [InlineData(6_000, "small")]
    public async Task Router_WindowOfACandidate_IsComparedWithTheCount(int window, string expected)
    {
        using var small = new ScriptedChatClient(ScriptedTurn.Text("small"));
        using var large = new ScriptedChatClient(ScriptedTurn.Text("large"));
        await using var host = await TestHost.StartAsync(hosting =>
        {
            hosting.Services.AddSingleton<ITokenCounter>(new FixedCounter(5_000));
            hosting
                .AddModel("small", _ => small, options => (options.ContextWindow, options.InputPrice, options.OutputPrice) = (window, 1m, 1m))
                .AddModel("large", _ => large, static options => (options.InputPrice, options.OutputPrice) = (2m, 2m))
                .AddAgent("x", static agent => agent.UsePipeline(static pipeline => pipeline.UseModelRouter(new ModelRouterOptions
                {
                    Policy = ModelRoutePolicies.Cheapest,
                    Candidates = { new ModelRouteCandidate { Model = "small" }, new ModelRouteCandidate { Model = "large" } },
                })));
        });

        var response = await host.Services.GetRequiredService<IAgentRegistry>().Find("x")!.ChatClient.GetResponseAsync("Hi", cancellationToken: Token);

        Assert.Equal(expected, response.Text);
    }
}
