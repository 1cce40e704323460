using Microsoft.Extensions.AI;

namespace AgentHosting.ToolValidation.Internal;

/// <summary>A tool whose calls are validated. What stands in the way of one is a text for the model; only the caller's cancellation is thrown.</summary>
internal sealed class ValidatedFunction(ToolEntry entry, ToolValidator validator, ToolCall? call = null) : DelegatingAIFunction(entry.Tool)
{
    public ToolEntry Entry => entry;

    public ToolValidator Validator => validator;

    public ValueTask<ToolOutcome> CallAsync(AIFunctionArguments arguments, CancellationToken cancellationToken) =>
        validator.CallAsync(entry, arguments, call ?? ToolCall.Of(FunctionInvokingChatClient.CurrentContext?.Options), cancellationToken);

    /// <summary>Calls the tool for somebody else than it was made for.</summary>
    public ValueTask<ToolOutcome> CallAsync(AIFunctionArguments arguments, ToolCall caller, CancellationToken cancellationToken) =>
        validator.CallAsync(entry, arguments, caller, cancellationToken);

    // A loop that saw it would ask, and believe every answer, by itself.
    public override object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceType == typeof(ApprovalRequiredAIFunction) ? null : base.GetService(serviceType, serviceKey);

    protected override async ValueTask<object?> InvokeCoreAsync(AIFunctionArguments arguments, CancellationToken cancellationToken)
    {
        var outcome = await CallAsync(arguments, cancellationToken);
        call?.AfterCall?.Invoke();
        return outcome.Value;
    }
}
