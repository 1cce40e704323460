using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.CompilerServices;
using AgentHosting.CircuitBreakers;
using AgentHosting.CircuitBreakers.Internal;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;

namespace AgentHosting.ToolValidation.Internal;

/// <summary>Takes tool calls through everything they have to pass: bounds, schema, policy and approval. What passes, <see cref="ToolExecutor"/> runs.</summary>
internal sealed partial class ToolValidator
{
    // Tools of servers that come and go must not pile up.
    private const int MaxGates = 4096;

    private static readonly AsyncLocal<int> _nesting = new();
    private readonly ConditionalWeakTable<AIFunction, ToolEntry> _entries = [];
    private readonly ConcurrentDictionary<string, ToolGate> _gates = new(StringComparer.Ordinal);
    private readonly ToolPolicies _policies;
    private readonly ToolExecutor _executor;
    private readonly ToolMetrics _metrics;
    private readonly ILogger _logger;

    public ToolValidator(ToolValidationOptions options, StageServices services)
    {
        Options = options;
        Time = services.Time;
        _logger = services.Logger<ToolValidator>();
        _metrics = new ToolMetrics(services.Meters);
        _policies = new ToolPolicies(options, services.GetAll<IToolPolicy>());
        Audit = new ToolAudit(options, Time, _metrics, _logger);
        Approvals = services.Get<IToolApprovals>() ?? new InMemoryToolApprovals(Time);
        _executor = new ToolExecutor(
            options,
            [.. options.GetResultFilters(), .. services.GetAll<IToolResultFilter>()],
            services.Get<ICircuitBreakerStore>() ?? new InMemoryCircuitBreakerStore(Time),
            Time,
            _metrics,
            _logger);
    }

    public ToolValidationOptions Options { get; }

    public IToolApprovals Approvals { get; }

    public ToolAudit Audit { get; }

    public TimeProvider Time { get; }

    /// <summary>What is known about a tool, found once.</summary>
    /// <exception cref="InvalidOperationException">What the tool says about itself cannot be read.</exception>
    public ToolEntry EntryOf(AIFunction tool) => _entries.TryGetValue(tool, out var entry) ? entry : _entries.GetValue(tool, Create);

    public async ValueTask<ToolOutcome> CallAsync(ToolEntry entry, AIFunctionArguments arguments, ToolCall call, CancellationToken cancellationToken)
    {
        var outer = _nesting.Value;
        _nesting.Value = outer + 1;
        try
        {
            var outcome = outer >= Options.MaxNesting
                ? ToolOutcome.Error(ToolErrorCodes.Nesting, $"tools that call agents are nested deeper than {Options.MaxNesting}. Answer with what you have.")
                : await CheckAndRunAsync(entry, arguments, call, cancellationToken);
            _metrics.Ended(entry.Name, outcome.ErrorCode ?? "ok");
            return outcome;
        }
        finally
        {
            _nesting.Value = outer;
        }
    }

    private async ValueTask<ToolOutcome> CheckAndRunAsync(ToolEntry entry, AIFunctionArguments arguments, ToolCall call, CancellationToken cancellationToken)
    {
        // First of all, so that a run that is replayed counts the same.
        var limit = call.Counts?.Add(entry.Name, entry.Settings.MaxCallsPerRun);
        if (FunctionInvokingChatClient.CurrentContext is { CallContent.Exception: not null } invocation && ReferenceEquals(invocation.Arguments, arguments))
        {
            return Rejected(entry, ToolErrorCodes.InvalidArguments, "the arguments are not valid JSON. Correct them and call again.");
        }

        if (limit is not null)
        {
            return Rejected(entry, ToolErrorCodes.CallLimit, $"no more than {limit} calls of this tool may be made here, and they were made. Answer with what you have.");
        }

        if (entry.Schema.Failure is { } failure)
        {
            return Unusable(entry, failure);
        }

        var read = ToolArguments.Read(arguments, entry.Tool.JsonSerializerOptions, Options.MaxArgumentBytes, Options.MaxArgumentDepth, out var error);
        try
        {
            error ??= entry.Schema.Check(read!.Value, Options.RejectUnknownArguments);
        }
        catch (ToolSchemaException exception)
        {
            return Unusable(entry, exception);
        }

        if (error is not null)
        {
            return Rejected(entry, ToolErrorCodes.InvalidArguments, $"{error} Correct the arguments and call again.");
        }

        var context = new ToolPolicyContext
        {
            Tool = entry.Name,
            OriginalTool = entry.OriginalName,
            Risk = entry.Settings.Risk,
            IsClassified = entry.Settings.IsClassified,
            Arguments = read!.Value,
            Agent = call.Context?.Agent,
            Call = call.Context,
            Identity = call.Identity,
        };
        var decision = await DecideAsync(entry, context, cancellationToken);
        if (decision.Kind == ToolDecisionKind.Deny)
        {
            Audit.Denied(context, read, decision.Reason);
            return ToolOutcome.Error(ToolErrorCodes.Denied, $"this call is not allowed.{(decision.Reason is { } reason ? " " + reason : "")} Do not try it again.");
        }

        if (decision.Kind == ToolDecisionKind.Ask && call.Approval is { } approval)
        {
            if ((decision.Approver ?? entry.Settings.Approver) is { } approver && approver != approval.Approver)
            {
                Audit.Denied(context, read, $"By now it needs an approval by '{approver}', and was approved without.");
                return ToolOutcome.Error(ToolErrorCodes.ApprovalRequired, "this call needs the approval of another person by now. It was not made. Do not try it again.");
            }
        }
        else if (decision.Kind == ToolDecisionKind.Ask)
        {
            if (call.Ask is not { } ask)
            {
                LogNobodyToAsk(_logger, entry.Name);
                Audit.Denied(context, read, "It needs an approval, which cannot be asked for here.");
                return ToolOutcome.Error(
                    ToolErrorCodes.ApprovalRequired, "this call needs the approval of a person, which cannot be asked for here. It was not made. Do not try it again.");
            }

            if (await ask(entry, read, context, decision, cancellationToken) is { } unmade)
            {
                return unmade;
            }
        }

        return await _executor.RunAsync(entry, read, read.ToCall(arguments), context, call, cancellationToken);
    }

    // A policy that fails allows nothing.
    private async ValueTask<ToolDecision> DecideAsync(ToolEntry entry, ToolPolicyContext context, CancellationToken cancellationToken)
    {
        try
        {
            return await _policies.DecideAsync(context, entry.RequiresApproval, cancellationToken);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            LogPolicyFailed(_logger, exception, entry.Name);
            return ToolDecision.Deny("Whether it is could not be found out.");
        }
    }

    private ToolOutcome Unusable(ToolEntry entry, Exception failure)
    {
        LogSchemaUnusable(_logger, failure, entry.Name);
        return ToolOutcome.Error(ToolErrorCodes.InvalidSchema, "this tool cannot be called: its schema is not valid. Do without it.");
    }

    private ToolOutcome Rejected(ToolEntry entry, string code, string message)
    {
        LogRejected(_logger, entry.Name, code);
        return ToolOutcome.Error(code, message);
    }

    private ToolEntry Create(AIFunction tool)
    {
        var settings = ToolSettings.Of(tool, Options);
        if (!settings.IsClassified)
        {
            LogUnclassified(_logger, tool.Name, settings.Risk);
        }

        if (_gates.Count >= MaxGates)
        {
            _gates.Clear();
        }

        // The limits are part of the key: of two tools that share a name, each is held to its own.
        var gate = string.Create(CultureInfo.InvariantCulture, $"{tool.Name}\n{settings.MaxConcurrency}\n{settings.CallsPerMinute}");
        return new ToolEntry(tool, settings, ToolSchema.Of(tool.JsonSchema), _gates.GetOrAdd(gate, static (_, time) => new ToolGate(time), Time))
        {
            Circuit = settings.HasCircuitBreaker
                ? new CircuitSettings
                {
                    FailureRatio = Options.CircuitFailureRatio,
                    MinimumCalls = Options.CircuitMinimumCalls,
                    Window = TimeSpan.FromMinutes(1),
                    OpenDuration = Options.CircuitOpenDuration,
                    MaxOpenDuration = Options.CircuitOpenDuration * 10,
                    SuccessesToClose = 1,
                    ProbeLease = (settings.DeclaredTimeout ?? Options.Timeout) * 2,
                }
                : null,
        };
    }
}
