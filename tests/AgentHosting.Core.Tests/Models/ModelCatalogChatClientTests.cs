using AgentHosting.Agents;
using AgentHosting.Testing;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

namespace AgentHosting.Core.Tests.Models;

public sealed class ModelCatalogChatClientTests
{
    [Fact]
    public async Task Call_WithModelId_GoesToThatModelWithoutTheNameOrTheContext()
    {
        using var mini = new ScriptedChatClient(ScriptedTurn.Text("mini"));
        using var large = new ScriptedChatClient(ScriptedTurn.Text("large")) { };
        await using var host = await TestHost.StartAsync(hosting => hosting.AddModel("mini", _ => mini).AddModel("large", _ => large).AddAgent("a"));
        var client = host.Services.GetRequiredService<IAgentRegistry>().Find("a")!.ChatClient;
        var context = new AgentCallContext { UserId = "ann" };
        var options = new ChatOptions { ModelId = "large", AdditionalProperties = new() { ["mine"] = 1 } }.WithAgentContext(context);

        var response = await client.GetResponseAsync("Hi", options, TestContext.Current.CancellationToken);

        Assert.Equal("large", response.Text);
        Assert.Equal("large", context.ServedByModel);
        var sent = Assert.Single(large.Requests).Options!;
        Assert.Null(sent.ModelId);
        Assert.Equal("mine", Assert.Single(sent.AdditionalProperties!).Key);
        Assert.Same(context, options.GetAgentContext());
        Assert.Equal(0, mini.CallCount);
    }

    [Fact]
    public async Task Call_WithUnknownModel_NamesIt()
    {
        await using var host = await TestHost.StartAsync(hosting => hosting
            .AddModel("mini", _ => new ScriptedChatClient(ScriptedTurn.Text("ok"))).AddAgent("a"));
        var client = host.Services.GetRequiredService<IAgentRegistry>().Find("a")!.ChatClient;

        var exception = await Assert.ThrowsAsync<InvalidOperationException>(
            () => client.GetResponseAsync("Hi", new ChatOptions { ModelId = "huge" }, TestContext.Current.CancellationToken));

        Assert.Contains("AddModel(\"huge\"", exception.Message, StringComparison.Ordinal);
        Assert.Contains("mini", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, 50, 50)]
    [InlineData(20, 50, 20)]
    [InlineData(80, 50, 50)]
    public async Task Call_ModelWithOutputLimit_IsHeldToIt(int? asked, int limit, int expected)
    {
        using var mini = new ScriptedChatClient(ScriptedTurn.Text("ok"));
        await using var host = await TestHost.StartAsync(hosting => hosting
            .AddModel("mini", _ => mini, options => options.MaxOutputTokens = limit).AddAgent("a"));
        var client = host.Services.GetRequiredService<IAgentRegistry>().Find("a")!.ChatClient;

        await foreach (var _ in client.GetStreamingResponseAsync("Hi", new ChatOptions { MaxOutputTokens = asked }, TestContext.Current.CancellationToken))
        {
        }

        Assert.Equal(expected, Assert.Single(mini.Requests).Options!.MaxOutputTokens);
    }

    [Fact]
    public async Task GetService_ForwardsToTheDefaultModel()
    {
        await using var host = await TestHost.StartAsync(hosting => hosting
            .AddModel("mini", _ => new ScriptedChatClient(ScriptedTurn.Text("ok")) { ProviderName = "acme" }).AddAgent("a"));
        var client = host.Services.GetRequiredService<IAgentRegistry>().Find("a")!.ChatClient;

        Assert.Equal("acme", client.GetService<ChatClientMetadata>()!.ProviderName);
    }
}
