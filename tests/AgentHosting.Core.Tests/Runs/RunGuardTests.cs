using System.Text.Json;
using AgentHosting.Guardrails;
using AgentHosting.Runs;
using AgentHosting.Testing;
using Microsoft.Extensions.AI;

namespace AgentHosting.Core.Tests.Runs;

/// <summary>The guards of a host: what its runs take in, and what of their tools is shown.</summary>
public sealed class RunGuardTests
{
    private const string Card = "4111 1111 1111 1111";

    [Fact]
    public async Task Submit_GuardRefuses_NamesTheFieldAndStoresNothing()
    {
        using var model = new ScriptedChatClient(ScriptedTurn.Text("Hello")) { Repeat = true };
        await using var host = await TestHost.StartAsync(hosting => hosting
            .AddModel("mini", _ => model)
            .AddInputGuard(static guard => guard.MaxMessageBytes = 10)
            .AddAgent("a", static _ => { }));

        var exception = await Assert.ThrowsAsync<AgentRunRequestException>(() => host.RunAsync("This is too long"));

        Assert.Equal(["message"], exception.Errors.Keys);
        Assert.IsType<InputRejectedException>(exception.InnerException);
        Assert.Empty(model.Requests);
        Assert.Equal("Hello", (await host.RunAsync("Short")).Result);
    }

    [Fact]
    public async Task Submit_HiddenCharacters_AreTakenOut()
    {
        using var model = new ScriptedChatClient(ScriptedTurn.Text("Hello")) { Repeat = true };
        await using var host = await TestHost.StartAsync(hosting => hosting.AddModel("mini", _ => model).AddInputGuard().AddAgent("a", static _ => { }));

        await host.RunAsync("Say\u200B he\u202Ello");
        await Assert.ThrowsAsync<AgentRunRequestException>(() => host.RunAsync("\u200B\u202E"));

        Assert.Equal("Say hello", Assert.Single(model.Requests).Messages[^1].Text);
    }

    [Fact]
    public async Task Run_ToolIsGivenAndReturnsSensitiveData_ToolGetsItAndModelAndWatchersDoNot()
    {
        string? got = null;
        using var model = new ScriptedChatClient(
            ScriptedTurn.ToolCall("pay", new Dictionary<string, object?> { ["card"] = Card }, "c"), ScriptedTurn.Text("Done."));
        await using var host = await TestHost.StartAsync(hosting => hosting
            .AddModel("mini", _ => model)
            .AddOutputGuard()
            .AddAgent("a", agent => agent.WithTool(AIFunctionFactory.Create(
                (string card) =>
                {
                    got = card;
                    return $"paid with {card}";
                },
                "pay"))));

        var run = await host.RunAsync("Pay");

        Assert.Equal(("Done.", Card), (run.Result, got));
        var told = model.Requests[^1].Messages.SelectMany(static message => message.Contents).OfType<FunctionResultContent>().Single().Result!.ToString()!;
        Assert.DoesNotContain("1111 1111", told, StringComparison.Ordinal);
        Assert.StartsWith("paid with", told, StringComparison.Ordinal);
        foreach (var runEvent in await host.EventsAsync(run.Id))
        {
            Assert.DoesNotContain("1111 1111", JsonSerializer.Serialize(new { runEvent.Arguments, runEvent.ToolResult, runEvent.Text }), StringComparison.Ordinal);
        }
    }
}
