namespace AgentHosting.ToolValidation;

/// <summary>Decides about tool calls. Of several policies, and the rules and risks of <see cref="ToolValidationOptions"/>, the strictest wins.</summary>
public interface IToolPolicy
{
    /// <summary>Decides about a call whose arguments are valid. When it throws, the call is denied.</summary>
    /// <param name="context">The call.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    /// <returns>The decision.</returns>
    ValueTask<ToolDecision> DecideAsync(ToolPolicyContext context, CancellationToken cancellationToken);
}
