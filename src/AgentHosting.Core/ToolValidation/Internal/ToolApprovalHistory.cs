using System.Text.Json;
using Microsoft.Extensions.AI;

namespace AgentHosting.ToolValidation.Internal;

/// <summary>
/// Takes requests for approval and their answers out of a conversation: what is left are calls with their results, as providers want them, and no loop
/// below sees an answer it might believe. An answer counts only for the request that is kept here, and runs the call that is kept here.
/// </summary>
internal sealed class ToolApprovalHistory(ToolValidator validator, ToolTurn turn)
{
    private const string NotApproved = "Error: this call was not approved and was not made.";
    private const string NotAnswered = "This call waits for the approval of a person, who has not answered. It was not made.";
    private const string Unknown = "Error: this call was approved and begun, and its outcome is unknown. Do not make it again, and say so.";

    public static bool IsNeeded(IEnumerable<ChatMessage> messages)
    {
        foreach (var message in messages)
        {
            foreach (var content in message.Contents)
            {
                if (content is ToolApprovalRequestContent or ToolApprovalResponseContent)
                {
                    return true;
                }
            }
        }

        return false;
    }

    public async ValueTask<List<ChatMessage>> ResolveAsync(IReadOnlyList<ChatMessage> messages, CancellationToken cancellationToken)
    {
        var answers = messages.SelectMany(static message => message.Contents).OfType<ToolApprovalResponseContent>().ToLookup(static answer => answer.RequestId, StringComparer.Ordinal);
        var requests = messages.SelectMany(static message => message.Contents).OfType<ToolApprovalRequestContent>()
            .Select(static request => request.RequestId).ToHashSet(StringComparer.Ordinal);
        var done = new HashSet<string>(StringComparer.Ordinal);
        var moved = new HashSet<AIContent>(ReferenceEqualityComparer.Instance);
        var output = new List<ChatMessage>(messages.Count);
        for (var i = 0; i < messages.Count; i++)
        {
            var kept = new List<AIContent>(messages[i].Contents.Count);
            var results = new List<(FunctionCallContent? Call, FunctionResultContent Result)>();
            foreach (var content in messages[i].Contents)
            {
                switch (content)
                {
                    case ToolApprovalRequestContent request:
                        if (done.Add(request.RequestId) && request.ToolCall is FunctionCallContent call)
                        {
                            var later = LaterResult(messages, i, call.CallId);
                            if (later is not null)
                            {
                                moved.Add(later);
                            }

                            results.Add((call, later ?? await ResultOfAsync(request.RequestId, call, [.. answers[request.RequestId]], cancellationToken)));
                        }

                        break;
                    case ToolApprovalResponseContent answer:
                        if (!requests.Contains(answer.RequestId) && done.Add(answer.RequestId))
                        {
                            await AddAnswerAloneAsync(answer, [.. answers[answer.RequestId]], kept, results, cancellationToken);
                        }

                        break;
                    default:
                        if (!moved.Contains(content))
                        {
                            kept.Add(content);
                        }

                        break;
                }
            }

            if (kept.Count > 0)
            {
                output.Add(kept.SequenceEqual(messages[i].Contents) ? messages[i] : Copy(messages[i], kept));
            }

            Place(output, results);
        }

        return output;
    }

    // The request is not in the conversation: a client sends the answer alone, where the provider keeps the rest, or somebody made it up.
    private async ValueTask AddAnswerAloneAsync(
        ToolApprovalResponseContent answer,
        ToolApprovalResponseContent[] answers,
        List<AIContent> kept,
        List<(FunctionCallContent? Call, FunctionResultContent Result)> results,
        CancellationToken cancellationToken)
    {
        var request = await FindAsync(answer.RequestId, cancellationToken);
        // Microsoft Agent Framework takes requests about tools that are not declared to need approval out of the answer, and approves them by itself.
        var isDeclared = request is null || turn.FindTool(request.Tool) is null or { Entry.RequiresApproval: true };
        if (request is null || !isDeclared)
        {
            validator.Audit.AnswerRefused(
                answer.RequestId,
                (answer.ToolCall as FunctionCallContent)?.Name,
                turn.Context,
                isDeclared
                    ? "There is no such request of this caller."
                    : "It came without the request, which somebody between may have answered. Send the request with it, or wrap the tool in ApprovalRequiredAIFunction.");
            kept.Add(new TextContent("(An answer to a request for approval was not accepted. The tool call was not approved and was not made.)"));
            return;
        }

        var call = new FunctionCallContent(request.CallId, request.Tool, ArgumentsOf(request));
        results.Add((turn.Options?.ConversationId is null ? call : null, await ResultOfAsync(request.Id, call, answers, cancellationToken)));
    }

    private static void Place(List<ChatMessage> output, List<(FunctionCallContent? Call, FunctionResultContent Result)> results)
    {
        foreach (var (call, result) in results)
        {
            var at = output.FindLastIndex(message => message.Contents.OfType<FunctionCallContent>().Any(other => other.CallId == result.CallId));
            if (at < 0)
            {
                if (call is not null)
                {
                    output.Add(new ChatMessage(ChatRole.Assistant, [call]));
                }

                output.Add(new ChatMessage(ChatRole.Tool, [result]));
            }
            else if (at + 1 < output.Count && output[at + 1].Role == ChatRole.Tool)
            {
                output[at + 1] = Copy(output[at + 1], [.. output[at + 1].Contents, result]);
            }
            else
            {
                output.Insert(at + 1, new ChatMessage(ChatRole.Tool, [result]));
            }
        }
    }

    // Call ids repeat, so only up to the next call of the same id.
    private static FunctionResultContent? LaterResult(IReadOnlyList<ChatMessage> messages, int from, string callId)
    {
        for (var i = from; i < messages.Count; i++)
        {
            foreach (var content in messages[i].Contents)
            {
                if (content is FunctionResultContent result && result.CallId == callId)
                {
                    return result;
                }

                if (i > from && content is FunctionCallContent call && call.CallId == callId)
                {
                    return null;
                }
            }
        }

        return null;
    }

    private async ValueTask<FunctionResultContent> ResultOfAsync(
        string requestId, FunctionCallContent call, ToolApprovalResponseContent[] answers, CancellationToken cancellationToken)
    {
        var (value, isFinal) = await DecideAndRunAsync(requestId, call, answers, cancellationToken);
        var result = new FunctionResultContent(call.CallId, value);
        if (isFinal && answers.Length > 0)
        {
            turn.NewResults.Add(result);
        }

        return result;
    }

    private async ValueTask<(object? Value, bool IsFinal)> DecideAndRunAsync(
        string requestId, FunctionCallContent call, ToolApprovalResponseContent[] answers, CancellationToken cancellationToken)
    {
        var request = await FindAsync(requestId, cancellationToken);
        if (answers.Length == 0)
        {
            return (request switch
            {
                { Status: ToolApprovalStatus.Used } => request.Result ?? Unknown,
                { Status: ToolApprovalStatus.Pending or ToolApprovalStatus.Approved } => NotAnswered,
                _ => NotApproved,
            }, false);
        }

        if (request is null)
        {
            return (Refuse(requestId, call.Name, "There is no such request of this caller."), true);
        }

        if (Array.Exists(answers, answer => answer.Approved != answers[0].Approved))
        {
            return (Refuse(requestId, call.Name, "The answers contradict each other."), false);
        }

        if (Array.Exists(answers, answer => !IsSameCall(answer, request)))
        {
            return (Refuse(requestId, call.Name, "The answer names another call or other arguments than were asked about."), false);
        }

        if (request.Status == ToolApprovalStatus.Pending && await DecideAsync(request, answers[0], cancellationToken) is { } refusal)
        {
            return (Refuse(requestId, call.Name, refusal), false);
        }

        request = await FindAsync(requestId, cancellationToken) ?? request;
        return (request.Status, answers[0].Approved) switch
        {
            (ToolApprovalStatus.Approved, true) => await RunAsync(request, cancellationToken),
            (ToolApprovalStatus.Rejected, false) => (Rejected(request), true),
            (ToolApprovalStatus.Used, true) => (Again(request), true),
            (ToolApprovalStatus.Expired, _) => (Refuse(requestId, request.Tool, "The request has expired."), true),
            _ => (Refuse(requestId, request.Tool, "The opposite was decided before."), request.Status == ToolApprovalStatus.Rejected),
        };
    }

    /// <returns>Why the answer does not count, or <see langword="null"/>.</returns>
    private async ValueTask<string?> DecideAsync(ToolApprovalRequest request, ToolApprovalResponseContent answer, CancellationToken cancellationToken)
    {
        if (request.Approver is { } policy && validator.Options.IsApprover?.Invoke(policy, turn.Context) != true)
        {
            return $"Who brought it does not satisfy the policy '{policy}'.";
        }

        var decision = new ToolApprovalDecision { IsApproved = answer.Approved, Approver = turn.Context?.UserId, Reason = answer.Reason };
        if (await validator.Approvals.DecideAsync(request.Id, decision, cancellationToken) == ToolApprovalOutcome.Accepted)
        {
            validator.Audit.Of(answer.Approved ? ToolAuditEvent.Approved : ToolAuditEvent.Rejected, request, decision.Approver, decision.Reason);
        }

        return null;
    }

    private async ValueTask<(object? Value, bool IsFinal)> RunAsync(ToolApprovalRequest request, CancellationToken cancellationToken)
    {
        if (turn.FindTool(request.Tool) is not { } tool || tool.Entry.Schema.Hash != request.SchemaHash)
        {
            return (Refuse(request.Id, request.Tool, "The tool is gone, or another one than was asked about."), false);
        }

        if (!await validator.Approvals.TryUseAsync(request.Id, cancellationToken))
        {
            return (Again(await FindAsync(request.Id, cancellationToken) ?? request), true);
        }

        validator.Audit.Of(ToolAuditEvent.Used, request, request.Decision?.Approver, request.Decision?.Reason);
        var arguments = new AIFunctionArguments(ArgumentsOf(request)) { Services = turn.Services };
        var outcome = await validator.CallAsync(tool.Entry, arguments, turn.Call.Approved(), cancellationToken);
        // Whoever brings the answer again, since a later request failed, is to get the result and not a second call.
        await validator.Approvals.SetResultAsync(request.Id, ToolResults.ToText(outcome.Value, tool.JsonSerializerOptions), CancellationToken.None);
        return (outcome.Value, true);
    }

    private string Again(ToolApprovalRequest request)
    {
        Refuse(request.Id, request.Tool, "The call was made before. It is not made again.");
        return request.Result ?? Unknown;
    }

    private static string Rejected(ToolApprovalRequest request) =>
        $"Error: a person rejected this call, and it was not made.{(request.Decision?.Reason is { Length: > 0 } reason ? $" The reason given: {reason}" : "")} Do not try it again.";

    private string Refuse(string requestId, string tool, string why)
    {
        validator.Audit.AnswerRefused(requestId, tool, turn.Context, why);
        return NotApproved;
    }

    // A request is found by who asked, and in the conversation where it was asked, only.
    private async ValueTask<ToolApprovalRequest?> FindAsync(string requestId, CancellationToken cancellationToken) =>
        await validator.Approvals.FindAsync(requestId, cancellationToken) is { } request
        && request.TenantId == turn.Context?.TenantId && request.UserId == turn.Context?.UserId && request.SessionId == turn.SessionId
            ? request
            : null;

    private bool IsSameCall(ToolApprovalResponseContent answer, ToolApprovalRequest request) =>
        answer.ToolCall is FunctionCallContent call && call.Name == request.Tool && call.CallId == request.CallId
        && ToolArguments.Read(
            call.Arguments ?? new Dictionary<string, object?>(),
            turn.FindTool(request.Tool)?.JsonSerializerOptions ?? AIJsonUtilities.DefaultOptions,
            validator.Options.MaxArgumentBytes,
            validator.Options.MaxArgumentDepth,
            out _) is { } arguments
        && CanonicalJson.Hash(arguments.Canonical) == request.ArgumentsHash;

    private static Dictionary<string, object?> ArgumentsOf(ToolApprovalRequest request)
    {
        using var document = JsonDocument.Parse(request.Arguments, new JsonDocumentOptions { MaxDepth = 1000 });
        return document.RootElement.EnumerateObject().ToDictionary(static property => property.Name, static property => (object?)property.Value.Clone(), StringComparer.Ordinal);
    }

    private static ChatMessage Copy(ChatMessage message, List<AIContent> contents)
    {
        var copy = message.Clone();
        copy.Contents = contents;
        return copy;
    }
}
