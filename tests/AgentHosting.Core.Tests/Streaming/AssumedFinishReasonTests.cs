using AgentHosting.CircuitBreakers;
using AgentHosting.Testing;
using Microsoft.Extensions.AI;

namespace AgentHosting.Core.Tests.Streaming;

public sealed class AssumedFinishReasonTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Answer_WithoutFinishReason_EndsWithStopAndCountsAsWell(bool streaming)
    {
        using var model = new ScriptedChatClient(ScriptedTurn.Text("all of it").WithoutFinishReason()) { Repeat = true };
        using var client = model.AsBuilder()
            .UseProductionDefaults(static options => options.CircuitBreaker = new CircuitBreakerOptions { MinimumCalls = 1 }).UseAssumedFinishReason().Build();

        for (var call = 1; call <= 3; call++)
        {
            var response = await client.CallAsync(streaming);
            Assert.Equal(("all of it", ChatFinishReason.Stop, call), (response.Text, response.FinishReason, model.CallCount));
            Assert.Single(response.Messages);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Answer_CallsATool_EndsWithToolCalls(bool streaming)
    {
        var call = new ChatMessage(ChatRole.Assistant, [new TextContent("let me see"), new FunctionCallContent("1", "search")]);
        using var model = new StubChatClient(
            _ => Task.FromResult(new ChatResponse(call)), _ => new ChatResponse(call).ToChatResponseUpdates().ToAsyncEnumerable());
        using var client = model.AsBuilder().UseAssumedFinishReason().Build();

        Assert.Equal(ChatFinishReason.ToolCalls, (await client.CallAsync(streaming)).FinishReason);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Answer_WithFinishReasonOrWithoutContent_StaysAsItIs(bool streaming)
    {
        using var model = new ScriptedChatClient(ScriptedTurn.Text("cut").WithFinishReason(ChatFinishReason.Length), ScriptedTurn.Text("").WithoutFinishReason());
        using var client = model.AsBuilder().UseAssumedFinishReason().Build();

        Assert.Equal(ChatFinishReason.Length, (await client.CallAsync(streaming)).FinishReason);
        Assert.Null((await client.CallAsync(streaming)).FinishReason);
    }
}
