using System.Globalization;
using System.Security.Cryptography;
using Microsoft.Extensions.AI;

namespace AgentHosting.ToolValidation.Internal;

/// <summary>One request to a pipeline: its validated tools, the calls it put aside for a person, and the results of those that were approved.</summary>
internal sealed class ToolTurn
{
    private readonly Lock _lock = new();
    private readonly ToolValidator _validator;
    private readonly FunctionInvokingChatClient _loop;
    private readonly List<(string Placeholder, ToolApprovalRequestContent Content)> _pending = [];

    public ToolTurn(ToolValidator validator, FunctionInvokingChatClient loop, IServiceProvider? services, ChatOptions? options)
    {
        Services = services;
        _validator = validator;
        _loop = loop;
        Context = options.GetAgentContext();
        // Not the ConversationId: with some providers each response has another one.
        SessionId = Context?.SessionId;
        Call = new ToolCall { Context = Context, Counts = new ToolCallCounts(validator.Options.MaxCalls), Ask = AskAsync, AfterCall = StopLoopIfWaiting };
        Options = Wrap(options);
    }

    public AgentCallContext? Context { get; }

    public string? SessionId { get; }

    public ToolCall Call { get; }

    public ChatOptions? Options { get; }

    /// <summary>The results of calls that were approved or rejected with this request, which the caller's history does not have yet.</summary>
    public List<AIContent> NewResults { get; } = [];

    public IServiceProvider? Services { get; }

    public ValidatedFunction? FindTool(string name)
    {
        foreach (var tool in Options?.Tools ?? [])
        {
            if (tool is ValidatedFunction validated && validated.Name == name)
            {
                return validated;
            }
        }

        return null;
    }

    /// <summary>Takes out what stands for calls that wait.</summary>
    /// <returns>The requests for approval to show in their place; empty when there were none.</returns>
    public List<AIContent> TakeRequests(IList<AIContent> contents, out List<AIContent> kept)
    {
        var requests = new List<AIContent>();
        kept = [];
        foreach (var content in contents)
        {
            if (content is FunctionResultContent { Result: string result } && Find(result) is { } request)
            {
                requests.Add(request);
            }
            else
            {
                kept.Add(content);
            }
        }

        return requests;
    }

    private ToolApprovalRequestContent? Find(string result)
    {
        lock (_lock)
        {
            // The very string, so that no tool can return one that looks like it.
            return _pending.Find(one => ReferenceEquals(one.Placeholder, result)).Content;
        }
    }

    private ChatOptions? Wrap(ChatOptions? options)
    {
        if (options?.Tools is not { Count: > 0 } tools)
        {
            return options;
        }

        var wrapped = new List<AITool>(tools.Count);
        foreach (var tool in tools)
        {
            wrapped.Add(tool is AIFunction function ? new ValidatedFunction(function is ValidatedFunction known && known.Validator == _validator ? known.Entry : _validator.EntryOf(function), _validator, Call) : tool);
        }

        var copy = options.Clone();
        copy.Tools = wrapped;
        return copy;
    }

    private async ValueTask<ToolOutcome?> AskAsync(
        ToolEntry entry, ToolArguments arguments, ToolPolicyContext context, ToolDecision decision, CancellationToken cancellationToken)
    {
        if (FunctionInvokingChatClient.CurrentContext is not { } invocation)
        {
            return ToolOutcome.Error(ToolErrorCodes.ApprovalRequired, "this call needs the approval of a person, which cannot be asked for here. It was not made.");
        }

        var now = _validator.Time.GetUtcNow();
        var request = new ToolApprovalRequest
        {
            Id = $"apr_{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16))}",
            Tool = entry.Name,
            CallId = invocation.CallContent.CallId,
            Arguments = arguments.Canonical,
            ArgumentsHash = CanonicalJson.Hash(arguments.Canonical),
            SchemaHash = entry.Schema.Hash,
            Risk = context.Risk,
            TenantId = Context?.TenantId,
            UserId = Context?.UserId,
            SessionId = SessionId,
            RunId = Context?.RunId,
            Step = string.Create(CultureInfo.InvariantCulture, $"{invocation.Iteration + 1}.{invocation.FunctionCallIndex}"),
            Agent = context.Agent,
            Approver = decision.Approver ?? entry.Settings.Approver,
            Reason = decision.Reason,
            CreatedAt = now,
            ExpiresAt = now + _validator.Options.ApprovalLifetime,
        };
        if (!await _validator.Approvals.AddAsync(request, cancellationToken))
        {
            return ToolOutcome.Error(ToolErrorCodes.ApprovalRequired, "this call needs the approval of a person, and too many such requests are open. It was not made.");
        }

        _validator.Audit.Of(ToolAuditEvent.ApprovalRequested, request, reason: request.Reason);
        var placeholder = new string("This call waits for the approval of a person. It was not made yet. Do not make it again.".AsSpan());
        lock (_lock)
        {
            _pending.Add((placeholder, new ToolApprovalRequestContent(
                request.Id, new FunctionCallContent(request.CallId, request.Tool, new Dictionary<string, object?>(invocation.CallContent.Arguments ?? new Dictionary<string, object?>())))));
        }

        return new ToolOutcome(placeholder, ToolErrorCodes.ApprovalRequired);
    }

    // A call of a tool that does not exist is answered by the loop alone, so none of those is the last that we see.
    private bool IsLast(FunctionInvocationContext invocation)
    {
        var calls = (invocation.Messages.LastOrDefault(static message => message.Role == ChatRole.Assistant)?.Contents ?? []).OfType<FunctionCallContent>().ToList();
        return invocation.FunctionCallIndex >= invocation.FunctionCount - 1
            || (calls.Count == invocation.FunctionCount && calls.Skip(invocation.FunctionCallIndex + 1).All(call => FindTool(call.Name) is null));
    }

    // Siblings that need no approval are to run first; a loop that runs calls one after the other stops at once.
    private void StopLoopIfWaiting()
    {
        if (FunctionInvokingChatClient.CurrentContext is not { } invocation)
        {
            return;
        }

        lock (_lock)
        {
            if (_pending.Count > 0 && (_loop.AllowConcurrentInvocation || IsLast(invocation)))
            {
                invocation.Terminate = true;
            }
        }
    }
}
