using System.Text.Json;
using AgentHosting.CircuitBreakers;
using AgentHosting.Testing;
using AgentHosting.ToolValidation;
using AgentHosting.ToolValidation.Internal;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Time.Testing;

namespace AgentHosting.Core.Tests.ToolValidation;

/// <summary>Tools that count their calls, and ways to call them.</summary>
internal sealed class ToolBench
{
    public ToolBench()
    {
        Transfer = AIFunctionFactory.Create((string to, int amount) => Ran($"sent {amount} to {to}"), "transfer", "Sends money.");
        Search = AIFunctionFactory.Create((string query, int top = 5) => Ran($"found {query} {top}"), "search");
        Note = AIFunctionFactory.Create((JsonElement order) => Ran("noted"), "note");
        Paint = AIFunctionFactory.Create((DayOfWeek day) => Ran(day.ToString()), "paint");
        Options.Tools["transfer"] = new ToolOptions { Risk = ToolRisk.High };
        Options.Tools["search"] = new ToolOptions { Risk = ToolRisk.Low };
    }

    public FakeTimeProvider Time { get; } = new(DateTimeOffset.Parse("2026-01-01T00:00:00Z", System.Globalization.CultureInfo.InvariantCulture));

    public ToolValidationOptions Options { get; } = new();

    public List<ToolAuditRecord> Audit { get; } = [];

    public int Runs;

    public bool IsFrozen { get; set; }

    public AIFunction Transfer { get; }

    public AIFunction Search { get; }

    public AIFunction Note { get; }

    public AIFunction Paint { get; }

    public string Ran(string result)
    {
        Interlocked.Increment(ref Runs);
        return result;
    }

    public ICircuitBreakerStore? Circuits { get; init; }

    public IServiceProvider Services => new Provider(Time, Circuits);

    /// <summary>Calls a tool while time passes, for limits and retries; a thread that is late by a moment may be so by the limit of its call.</summary>
    public ValueTask<ToolOutcome> CallAsync(AIFunction tool, string json, AgentCallContext? context = null, CancellationToken? cancellationToken = null) =>
        CallAsync(tool, Parse(json), context, cancellationToken);

    public async ValueTask<ToolOutcome> CallAsync(AIFunction tool, AIFunctionArguments arguments, AgentCallContext? context = null, CancellationToken? cancellationToken = null)
    {
        var call = BeginAsync(tool, arguments, context, cancellationToken);
        while (!call.IsCompleted)
        {
            Time.Advance(TimeSpan.FromMilliseconds(100));
            await Task.WhenAny(call, Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, CancellationToken.None));
        }

        return await call;
    }

    /// <summary>Calls a tool in a time that stands still.</summary>
    public Task<ToolOutcome> BeginAsync(AIFunction tool, string json, AgentCallContext? context = null, CancellationToken? cancellationToken = null) =>
        BeginAsync(tool, Parse(json), context, cancellationToken);

    /// <summary>Calls a tool in a time that stands still.</summary>
    public Task<ToolOutcome> BeginAsync(AIFunction tool, AIFunctionArguments arguments, AgentCallContext? context = null, CancellationToken? cancellationToken = null)
    {
        _validator ??= new ToolValidator(Options, new StageServices(Services));
        return _validator.CallAsync(_validator.EntryOf(tool), arguments, new ToolCall { Context = context }, cancellationToken ?? TestContext.Current.CancellationToken).AsTask();
    }

    private ToolValidator? _validator;

    public IChatClient Pipeline(IChatClient model, bool concurrent = false)
    {
        Options.OnAudit = Audit.Add;
        return new ChatClientBuilder(model)
            .UseToolValidation(Options)
            .UseFunctionInvocation(configure: loop => loop.AllowConcurrentInvocation = concurrent)
            .Build(Services);
    }

    public static ChatOptions Offer(AgentCallContext? context, params AITool[] tools)
    {
        var options = new ChatOptions { Tools = tools };
        return context is null ? options : options.WithAgentContext(context);
    }

    public static ScriptedChatClient CallsThenAnswers(params ScriptedToolCall[] calls) => new(request =>
        request.CallIndex == 0 ? ScriptedTurn.ToolCalls(calls) : ScriptedTurn.Text("done"));

    private static AIFunctionArguments Parse(string json)
    {
        using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 2000 });
        var arguments = new AIFunctionArguments();
        foreach (var property in document.RootElement.EnumerateObject())
        {
            arguments[property.Name] = property.Value.Clone();
        }

        return arguments;
    }

    private sealed class Provider(TimeProvider time, ICircuitBreakerStore? circuits) : IServiceProvider
    {
        public object? GetService(Type serviceType) =>
            serviceType == typeof(TimeProvider) ? time
            : serviceType == typeof(ICircuitBreakerStore) ? circuits
            : null;
    }
}
