using System.Text.Json;
using AgentHosting;
using AgentHosting.Runs;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

namespace Snippets;

internal static class RunsSnippets
{
    public static async Task SubmitAsync(IAgentRunClient client, CancellationToken cancellationToken)
    {
        #region submit
        var submission = await client.SubmitAsync(
            new AgentRunRequest
            {
                Message = "Where is my parcel?",
                Identity = new AgentIdentity { UserId = "ann" },
                SessionId = "support-17",
                IdempotencyKey = "message-4711",
            },
            cancellationToken);

        await foreach (var runEvent in client.WatchAsync(submission.RunId, after: 0, cancellationToken))
        {
            if (runEvent.Type == AgentRunEventTypes.TextDelta)
            {
                Console.Write(runEvent.Text);
            }
        }

        var run = await client.GetAsync(submission.RunId, cancellationToken);
        Console.WriteLine($"{run!.Status}, {run.Usage.TotalTokens} tokens, {run.Cost}");
        #endregion
    }

    public static async Task ApproveAsync(IAgentRunClient client, string runId, CancellationToken cancellationToken)
    {
        #region approve
        var run = await client.GetAsync(runId, cancellationToken);
        foreach (var wait in run!.Waits)
        {
            var outcome = await client.AnswerApprovalAsync(
                runId, wait.RequestId, new AgentRunApproval { Approved = true, Reason = "Checked.", Approver = "ann" }, cancellationToken);
            Console.WriteLine($"{wait.Name}: {outcome}");
        }
        #endregion
    }

    public static async Task EraseAsync(IAgentRunAdmin admin, CancellationToken cancellationToken)
    {
        #region erase
        var user = new AgentIdentity { TenantId = "acme", UserId = "ann" };
        var erasure = await admin.EraseUserAsync(user, cancellationToken: cancellationToken);
        Console.WriteLine($"{erasure.Runs} runs, {erasure.Sessions} sessions, {(erasure.IsComplete ? "nothing left" : $"{erasure.Running} runs still at work")}");
        #endregion
    }

    public static async Task RequeueAsync(IAgentRunAdmin admin, CancellationToken cancellationToken)
    {
        #region requeue
        var page = await admin.ListAsync(new RunQuery { IsDeadLetter = true, Agent = "support" }, cancellationToken);
        foreach (var failed in page.Runs)
        {
            Console.WriteLine($"{failed.Id} {failed.CompletedAt}: {failed.Error!.Code} after {failed.Steps.Count} steps, {failed.Cost}");
            var requeued = await admin.RequeueAsync(failed.Id, cancellationToken: cancellationToken);
            Console.WriteLine($"goes on as {requeued.RunId}");
        }
        #endregion
    }

#pragma warning disable MEAI001 // Continuation tokens are experimental in Microsoft.Extensions.AI.
    public static async Task ChatAsync(IAgentRunClient runs, CancellationToken cancellationToken)
    {
        #region chat
        IChatClient chat = runs.AsChatClient("support");
        var options = new ChatOptions { ConversationId = "support-17", AllowBackgroundResponses = true }.WithAgentContext(new AgentCallContext { UserId = "ann" });
        var response = await chat.GetResponseAsync("Where is my parcel?", options, cancellationToken);
        while (response.ContinuationToken is { } token)
        {
            await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, cancellationToken);
            options.ContinuationToken = token;
            response = await chat.GetResponseAsync([], options, cancellationToken);
        }

        Console.WriteLine(response.Text);
        #endregion
    }
#pragma warning restore MEAI001

    public static void AddCodeAgent(IAgentHostingBuilder hosting, IPayments payments)
    {
        #region code
        hosting.AddAgent("refunds", agent => agent.RunsCode(async (context, cancellationToken) =>
        {
            var amount = await context.StepAsync("amount", token => payments.AmountAsync(context.Message, token), RefundJson.Default.Decimal, cancellationToken);
            if (amount > 100)
            {
                var answer = await context.AskAsync("large refund", $"Refund {amount}?", approver: "finance", timeout: TimeSpan.FromDays(3), cancellationToken: cancellationToken);
                if (!answer.Approved)
                {
                    return $"Refused: {answer.Reason}";
                }
            }

            await context.StepAsync(
                "refund", token => payments.RefundAsync(context.Message, context.Identity.UserId, once: $"{context.OriginId}/refund", token), RefundJson.Default.String, cancellationToken);
            var arrived = await context.WaitForEventAsync("refund arrived", RefundJson.Default.String, TimeSpan.FromDays(7), cancellationToken);
            var text = await context.ChatClient.GetResponseAsync($"Tell the customer: {arrived ?? "your bank is slow"}", cancellationToken: cancellationToken);
            return text.Text;
        }));
        #endregion
    }

    public static async Task RaiseAsync(IAgentRunClient client, string runId, string bankReference, CancellationToken cancellationToken)
    {
        #region raise
        var payload = JsonSerializer.SerializeToElement(bankReference, RefundJson.Default.String);
        var outcome = await client.RaiseEventAsync(runId, "refund arrived", payload, id: bankReference, cancellationToken);
        Console.WriteLine(outcome);
        #endregion
    }

    public static AIFunction CreateTool()
    {
        #region tool
        return AIFunctionFactory.Create(
            async (AIFunctionArguments arguments, string orderId, CancellationToken cancellationToken) =>
            {
                var run = arguments.Services!.GetRequiredService<AgentRunContext>();
                var payments = arguments.Services!.GetRequiredService<IPayments>();
                return await payments.RefundAsync(orderId, onBehalfOf: run.Identity.UserId, once: arguments.GetIdempotencyKey()!, cancellationToken);
            },
            "refund",
            "Refunds an order.");
        #endregion
    }

    internal interface IPayments
    {
        Task<decimal> AmountAsync(string orderId, CancellationToken cancellationToken);

        Task<string> RefundAsync(string orderId, string onBehalfOf, string once, CancellationToken cancellationToken);
    }
}
