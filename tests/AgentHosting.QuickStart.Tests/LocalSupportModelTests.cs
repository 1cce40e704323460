using AgentHosting.Testing;
using Microsoft.Extensions.AI;
using QuickStart.Calculations;
using QuickStart.Models;
using QuickStart.Search;
using Xunit;

namespace AgentHosting.QuickStart.Tests;

public class LocalSupportModelTests
{
    private static readonly AIFunction[] Tools = [DocumentSearchTool.Over(Path.Combine(AppContext.BaseDirectory, "documents")), CalculatorTool.Create()];

    [Theory]
    [InlineData("What is 17*231+5?", "17 * 231 + 5 = 3932.", CalculatorTool.Name)]
    [InlineData("what is 5/0", "Division by zero", CalculatorTool.Name)]
    [InlineData("How long do I have to return an opened appliance?", "30 days", DocumentSearchTool.Name)]
    [InlineData("How long is the warranty?", "3 years", DocumentSearchTool.Name)]
    [InlineData("What does NV-312 mean?", "encryption key is missing", DocumentSearchTool.Name)]
    [InlineData("How much does the Team plan cost per month?", "19.90 EUR", DocumentSearchTool.Name)]
    [InlineData("When is phone support open?", "8:00 to 20:00", DocumentSearchTool.Name)]
    public async Task Answer_Question_UsesTheToolAndItsResult(string message, string expected, string tool)
    {
        var (text, tools) = await AskAsync(message);

        Assert.Equal([tool], tools);
        Assert.Contains(expected, text, StringComparison.Ordinal);
        Assert.EndsWith(LocalSupportModel.Signature, text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Answer_QuestionAndSum_UsesBothTools()
    {
        var (text, tools) = await AskAsync("How long is the warranty, and what is 3 * 49.90?");

        Assert.Equal([DocumentSearchTool.Name, CalculatorTool.Name], tools);
        Assert.Contains("3 years", text, StringComparison.Ordinal);
        Assert.Contains("3 * 49.90 = 149.7.", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Who won the 1998 world cup?")]
    [InlineData("What is the capital of France?")]
    [InlineData("How do I bake a cake?")]
    [InlineData("Who wrote Hamlet?")]
    [InlineData("What is the weather in Berlin today?")]
    [InlineData("Tell me a joke about computers")]
    [InlineData("Who is the president of the United States?")]
    public async Task Answer_UnrelatedQuestion_SaysThatTheDocumentsDoNotHoldIt(string message)
    {
        var (text, _) = await AskAsync(message);

        Assert.Equal($"The documents do not hold an answer to that. {LocalSupportModel.Signature}", text);
    }

    [Theory]
    [InlineData("Hi")]
    [InlineData("Hello there, good morning!")]
    [InlineData("Are you a real AI?")]
    [InlineData("What can you do?")]
    [InlineData("Thanks!")]
    public async Task Answer_SmallTalk_SaysWhatItIsWithoutTools(string message)
    {
        var (text, tools) = await AskAsync(message);

        Assert.Empty(tools);
        Assert.Contains("I stand in for a language model", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Answer_FollowUp_ContinuesTheConversation()
    {
        List<ChatMessage> history = [];
        await AskAsync("My name is Ada.", history);
        var (first, _) = await AskAsync("How much does the Team plan cost per month?", history);
        var (second, _) = await AskAsync("And the Business plan?", history);
        var (third, _) = await AskAsync("What about the world cup?", history);
        var (name, _) = await AskAsync("What is my name?", history);
        var (last, _) = await AskAsync("What did I just ask?", history);

        Assert.Contains("19.90 EUR", first, StringComparison.Ordinal);
        Assert.Contains("89 EUR", second, StringComparison.Ordinal);
        Assert.StartsWith("The documents do not hold an answer", third, StringComparison.Ordinal);
        Assert.Contains("your name is Ada", name, StringComparison.Ordinal);
        Assert.Contains("\"What is my name?\"", last, StringComparison.Ordinal);
    }

    [Fact]
    public void Answer_ToolThatFailed_IsReported()
    {
        var request = new ScriptedRequest
        {
            Messages =
            [
                new ChatMessage(ChatRole.User, "What is 1+1?"),
                new ChatMessage(ChatRole.Assistant, [new FunctionCallContent("c1", CalculatorTool.Name)]),
                new ChatMessage(ChatRole.Tool, [new FunctionResultContent("c1", "Error: Function failed.")]),
            ],
        };

        Assert.Contains("The calculator failed: Error: Function failed.", TextOf(LocalSupportModel.Answer(request)), StringComparison.Ordinal);
    }

    [Fact]
    public void Answer_NoToolsOffered_SaysSo()
    {
        var request = new ScriptedRequest { Messages = [new ChatMessage(ChatRole.User, "What is 1+1?")] };

        Assert.Contains("not offered to me", TextOf(LocalSupportModel.Answer(request)), StringComparison.Ordinal);
    }

    private static async Task<(string Text, string[] Tools)> AskAsync(string message, List<ChatMessage>? history = null)
    {
        history ??= [];
        history.Add(new ChatMessage(ChatRole.User, message));
        using var model = new ScriptedChatClient(LocalSupportModel.Answer);
        using var client = new FunctionInvokingChatClient(model);
        var response = await client.GetResponseAsync(history, new ChatOptions { Tools = [.. Tools] }, TestContext.Current.CancellationToken);
        history.AddRange(response.Messages);
        return (response.Text, [.. response.Messages.SelectMany(answer => answer.Contents.OfType<FunctionCallContent>()).Select(call => call.Name)]);
    }

    private static string TextOf(ScriptedTurn turn)
    {
        using var client = new ScriptedChatClient(turn);
        return client.GetResponseAsync("x").GetAwaiter().GetResult().Text;
    }
}
