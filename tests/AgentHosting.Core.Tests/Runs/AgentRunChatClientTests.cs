using AgentHosting.Runs;
using AgentHosting.Testing;
using AgentHosting.ToolValidation;
using Microsoft.Extensions.AI;

#pragma warning disable MEAI001 // Continuation tokens are experimental.

namespace AgentHosting.Core.Tests.Runs;

public sealed class AgentRunChatClientTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task GetResponse_WaitsForTheRun()
    {
        using var model = new ScriptedChatClient(_ => ScriptedTurn.Text("Paris."));
        await using var host = await StartAsync(model);
        using var client = host.Client.AsChatClient("a");
        var response = await client.GetResponseAsync("Capital of France?", cancellationToken: Token);

        Assert.Equal(("Paris.", "a"), (response.Text, response.ModelId));
        Assert.Null(response.ContinuationToken);
        var run = (await host.Client.GetAsync(response.ResponseId!, Token))!;
        Assert.Equal((run.Usage.TotalTokens, AgentRunStatus.Succeeded), (response.Usage!.TotalTokenCount!.Value, run.Status));
    }

    [Fact]
    public async Task GetResponse_ConversationId_IsTheSession()
    {
        using var model = new ScriptedChatClient(request => ScriptedTurn.Text($"{request.Messages.Count(message => message.Role == ChatRole.User)}"));
        await using var host = await StartAsync(model);
        using var client = host.Client.AsChatClient();
        var options = new ChatOptions { ConversationId = "s" }.WithAgentContext(new AgentCallContext { UserId = "ann" });

        Assert.Equal("1", (await client.GetResponseAsync("One", options, Token)).Text);
        var second = await client.GetResponseAsync("Two", options, Token);
        Assert.Equal(("2", "s"), (second.Text, second.ConversationId));
        Assert.Equal("1", (await client.GetResponseAsync("Other user", new ChatOptions { ConversationId = "s" }, Token)).Text);
    }

    [Fact]
    public async Task GetResponse_Background_IsAskedForAgainUntilItIsThere()
    {
        using var gate = new ManualResetEventSlim();
        using var model = new ScriptedChatClient(_ =>
        {
            gate.Wait(Token);
            return ScriptedTurn.Text("Done.");
        });
        await using var host = await StartAsync(model);
        using var client = host.Client.AsChatClient();
        var options = new ChatOptions { AllowBackgroundResponses = true };
        var first = await client.GetResponseAsync("Work", options, Token);
        Assert.NotNull(first.ContinuationToken);
        Assert.Empty(first.Messages);
        // Another client, another process: the token says all.
        options.ContinuationToken = ResponseContinuationToken.FromBytes(first.ContinuationToken.ToBytes());
        using var other = host.Client.AsChatClient();
        var second = await other.GetResponseAsync([], options, Token);
        Assert.NotNull(second.ContinuationToken);
        gate.Set();
        await host.Client.WaitAsync(first.ResponseId!, Token);
        var third = await other.GetResponseAsync([], options, Token);

        Assert.Equal(("Done.", null), (third.Text, third.ContinuationToken));
        Assert.Equal("Done.", (await other.GetResponseAsync([], new ChatOptions { ContinuationToken = options.ContinuationToken }, Token)).Text);
    }

    [Fact]
    public async Task Stream_BrokenAndResumedAfterEachUpdate_MissesAndRepeatsNothing()
    {
        using var model = new ScriptedChatClient(_ => ScriptedTurn.Stream("One ", "two ", "three."));
        await using var host = await StartAsync(model);
        using var client = host.Client.AsChatClient();
        var options = new ChatOptions { AllowBackgroundResponses = true };
        var whole = new List<ChatResponseUpdate>();
        await foreach (var update in client.GetStreamingResponseAsync("Count", options, Token))
        {
            whole.Add(update);
        }

        Assert.Equal("One two three.", string.Concat(whole.Select(update => update.Text)));
        Assert.Equal(ChatFinishReason.Stop, whole[^1].FinishReason);
        for (var cut = 0; cut < whole.Count - 1; cut++)
        {
            var rest = new List<ChatResponseUpdate>();
            await foreach (var update in client.GetStreamingResponseAsync([], new ChatOptions { AllowBackgroundResponses = true, ContinuationToken = whole[cut].ContinuationToken }, Token))
            {
                rest.Add(update);
            }

            Assert.Equal(string.Concat(whole.Skip(cut + 1).Select(update => update.Text)), string.Concat(rest.Select(update => update.Text)));
            Assert.Equal(whole[^1].Contents.OfType<UsageContent>().Single().Details.TotalTokenCount, rest[^1].Contents.OfType<UsageContent>().Single().Details.TotalTokenCount);
        }
    }

    [Fact]
    public async Task Stream_WithTools_HasAMessagePerStepAndNoCalls()
    {
        using var model = new ScriptedChatClient(request => request.Messages.Any(message => message.Role == ChatRole.Tool)
            ? ScriptedTurn.Text("It rains.")
            : ScriptedTurn.ToolCall("weather", "{}"));
        await using var host = await TestHost.StartAsync(hosting => hosting
            .AddModel("mini", _ => model)
            .AddAgent("a", agent => agent.WithTool(AIFunctionFactory.Create(() => "rain", "weather"), ToolRisk.Low)));
        using var client = host.Client.AsChatClient();
        var response = await client.GetStreamingResponseAsync("Weather?", cancellationToken: Token).ToChatResponseAsync(Token);

        Assert.Equal("It rains.", response.Text);
        Assert.DoesNotContain(response.Messages.SelectMany(message => message.Contents), content => content is FunctionCallContent);
        Assert.Equal($"{response.ResponseId}/2", response.Messages[^1].MessageId);
    }

    [Fact]
    public async Task Call_IsCancelled_CancelsItsRunButNotABackgroundOne()
    {
        using var gate = new ManualResetEventSlim();
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var model = new ScriptedChatClient(_ =>
        {
            started.TrySetResult();
            gate.Wait(Token);
            return ScriptedTurn.Text("Done.");
        });
        await using var host = await StartAsync(model);
        using var client = host.Client.AsChatClient();
        using var source = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var call = client.GetResponseAsync("Work", cancellationToken: source.Token);
        await started.Task.WaitAsync(Token);
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        var runs = (IAgentRunAdmin)host.Services.GetService(typeof(IAgentRunAdmin))!;
        var cancelled = Assert.Single((await runs.ListAsync(new RunQuery(), Token)).Runs);
        Assert.Equal(AgentRunStatus.Cancelled, (await host.Client.WaitAsync(cancelled.Id, Token))!.Status);
        // Not before: an answer that comes while the run is being cancelled counts.
        gate.Set();

        var background = await client.GetResponseAsync("Work", new ChatOptions { AllowBackgroundResponses = true }, Token);
        using var late = new CancellationTokenSource();
        await late.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => client.GetResponseAsync([], new ChatOptions { ContinuationToken = background.ContinuationToken }, late.Token));
        Assert.Equal(AgentRunStatus.Succeeded, (await host.Client.WaitAsync(background.ResponseId!, Token))!.Status);
    }

    [Fact]
    public async Task Stream_IsLeft_CancelsItsRun()
    {
        using var model = new ScriptedChatClient(_ => ScriptedTurn.Stream([.. Enumerable.Repeat("word ", 10_000)]));
        await using var host = await StartAsync(model);
        using var client = host.Client.AsChatClient();
        string? runId = null;
        await foreach (var update in client.GetStreamingResponseAsync("Talk", cancellationToken: Token))
        {
            runId = update.ResponseId;
            break;
        }

        Assert.True((await host.Client.WaitAsync(runId!, Token))!.Status is AgentRunStatus.Cancelled or AgentRunStatus.Succeeded);
    }

    [Fact]
    public async Task Call_RunFails_SaysWhy()
    {
        using var model = new ScriptedChatClient(_ => ScriptedTurn.Fail(400, "no"));
        await using var host = await StartAsync(model);
        using var client = host.Client.AsChatClient();
        var whole = await Assert.ThrowsAsync<AgentRunFailedException>(() => client.GetResponseAsync("Work", cancellationToken: Token));
        var streamed = await Assert.ThrowsAsync<AgentRunFailedException>(() => client.GetStreamingResponseAsync("Work", cancellationToken: Token).ToChatResponseAsync(Token));

        Assert.Equal((AgentRunStatus.Failed, AgentRunErrorCodes.ModelCallFailed), (whole.Status, whole.Error!.Code));
        Assert.Equal(AgentRunErrorCodes.ModelCallFailed, streamed.Error!.Code);
    }

    [Fact]
    public async Task Continuation_OfAnotherUser_IsNotThere()
    {
        using var model = new ScriptedChatClient(_ => ScriptedTurn.Text("Secret."));
        await using var host = await StartAsync(model);
        using var client = host.Client.AsChatClient();
        var response = await client.GetResponseAsync(
            "Work", new ChatOptions { AllowBackgroundResponses = true }.WithAgentContext(new AgentCallContext { UserId = "ann" }), Token);
        var theirs = new ChatOptions { ContinuationToken = response.ContinuationToken };

        await Assert.ThrowsAsync<ArgumentException>(() => client.GetResponseAsync([], theirs, Token));
        await Assert.ThrowsAsync<ArgumentException>(() => client.GetResponseAsync([], theirs.WithAgentContext(new AgentCallContext { UserId = "bob" }), Token));
        await Assert.ThrowsAsync<ArgumentException>(() => client.GetResponseAsync([], theirs.WithAgentContext(new AgentCallContext { UserId = "ann", TenantId = "other" }), Token));
        Assert.Equal("Secret.", (await client.GetResponseAsync([], theirs.WithAgentContext(new AgentCallContext { UserId = "ann" }), Token)).Text);
    }

    [Fact]
    public async Task Call_OfATenantWithoutAUser_StaysInTheTenant()
    {
        using var model = new ScriptedChatClient(request => ScriptedTurn.Text($"{request.Messages.Count(message => message.Role == ChatRole.User)}"));
        await using var host = await StartAsync(model);
        using var client = host.Client.AsChatClient();
        Assert.Equal("1", (await client.GetResponseAsync("One", OfTenant("red"), Token)).Text);
        var other = await client.GetResponseAsync("Two", OfTenant("blue"), Token);

        Assert.Equal("1", other.Text);
        var identity = (await host.Client.GetAsync(other.ResponseId!, Token))!.Identity;
        Assert.Equal(("blue", AgentIdentity.AnonymousUserId), (identity.TenantId, identity.UserId));

        static ChatOptions OfTenant(string tenant) => new ChatOptions { ConversationId = "s" }.WithAgentContext(new AgentCallContext { TenantId = tenant });
    }

    [Fact]
    public async Task Stream_InTheBackground_GivesATokenBeforeTheModelSaysAnything()
    {
        using var gate = new ManualResetEventSlim();
        using var model = new ScriptedChatClient(_ =>
        {
            gate.Wait(Token);
            return ScriptedTurn.Stream("One ", "two.");
        });
        await using var host = await StartAsync(model);
        using var client = host.Client.AsChatClient();
        ResponseContinuationToken? token;
        await using (var updates = client.GetStreamingResponseAsync("Count", new ChatOptions { AllowBackgroundResponses = true }, Token).GetAsyncEnumerator(Token))
        {
            Assert.True(await updates.MoveNextAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(20), Token));
            token = updates.Current.ContinuationToken;
            Assert.Equal("", updates.Current.Text);
        }

        gate.Set();
        var options = new ChatOptions { AllowBackgroundResponses = true, ContinuationToken = token };
        Assert.Equal("One two.", (await client.GetStreamingResponseAsync([], options, Token).ToChatResponseAsync(Token)).Text);
    }

    [Fact]
    public async Task Call_WhatARunCannotTake_IsRefusedByName()
    {
        using var model = new ScriptedChatClient(_ => ScriptedTurn.Text("Hi."));
        await using var host = await StartAsync(model);
        using var client = host.Client.AsChatClient("a");
        await RefusedAsync("ConversationId", [new ChatMessage(ChatRole.User, "One"), new ChatMessage(ChatRole.User, "Two")], null);
        await RefusedAsync("ConversationId", [new ChatMessage(ChatRole.System, "Be brief.")], null);
        await RefusedAsync("ConversationId", [], null);
        await RefusedAsync("Tools", User, new ChatOptions { Tools = [AIFunctionFactory.Create(() => 1, "one")] });
        await RefusedAsync("ModelId", User, new ChatOptions { ModelId = "b" });
        await RefusedAsync("Instructions", User, new ChatOptions { Instructions = "Be brief." });
        await RefusedAsync("Temperature", User, new ChatOptions { Temperature = 0 });
        await RefusedAsync("ContinuationToken", [], new ChatOptions { ContinuationToken = ResponseContinuationToken.FromBytes(new byte[] { 1, 2, 3 }) });
        await RefusedAsync("messages", User, new ChatOptions { ContinuationToken = ResponseContinuationToken.FromBytes("1:0:run_0_x"u8.ToArray()) });

        async Task RefusedAsync(string name, ChatMessage[] messages, ChatOptions? options) =>
            Assert.Contains(name, (await Assert.ThrowsAsync<ArgumentException>(() => client.GetResponseAsync(messages, options, Token))).Message, StringComparison.Ordinal);
    }

    private static ChatMessage[] User => [new ChatMessage(ChatRole.User, "Hello")];

    private static Task<TestHost> StartAsync(IChatClient model) => TestHost.StartAsync(hosting => hosting
        .AddModel("mini", _ => model)
        .AddAgent("a", agent => agent.Configure(options => options.MaxAttempts = 1)));
}
