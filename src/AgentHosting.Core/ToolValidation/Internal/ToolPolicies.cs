using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace AgentHosting.ToolValidation.Internal;

/// <summary>Asks the rules, the risk and every policy about a call. The strictest wins.</summary>
internal sealed class ToolPolicies(ToolValidationOptions options, IEnumerable<IToolPolicy> registered)
{
    private readonly IToolPolicy[] _policies = [.. options.GetPolicies(), .. registered];
    private readonly ToolRule[] _rules = [.. options.Rules];

    // Without backtracking, so that no argument can make an expression take long.
    private readonly Dictionary<ToolRule, Regex> _patterns = options.Rules.Where(static rule => rule.ArgumentPattern is not null).ToDictionary(
        static rule => rule, static rule => new Regex(rule.ArgumentPattern!, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant));

    public async ValueTask<ToolDecision> DecideAsync(ToolPolicyContext context, bool requiresApproval, CancellationToken cancellationToken)
    {
        var decision = ByRuleOrRisk(context);
        if (requiresApproval && decision.Kind == ToolDecisionKind.Run)
        {
            decision = ToolDecision.Ask("The tool asks for approval of each call.");
        }

        foreach (var policy in _policies)
        {
            var other = await policy.DecideAsync(context, cancellationToken);
            if (other.Kind > decision.Kind || (other.Kind == decision.Kind && decision.Approver is null && other.Approver is not null))
            {
                decision = other;
            }
        }

        return decision;
    }

    private ToolDecision ByRuleOrRisk(ToolPolicyContext context)
    {
        foreach (var rule in _rules)
        {
            if (Fits(rule, context))
            {
                return Decision(rule.Decision, rule.Reason, rule.Approver);
            }
        }

        var kind = context.Risk switch
        {
            ToolRisk.Low => options.LowRisk,
            ToolRisk.Medium => options.MediumRisk,
            ToolRisk.High => options.HighRisk,
            _ => options.CriticalRisk,
        };
        return Decision(kind, kind == ToolDecisionKind.Run ? null : $"Its risk is {context.Risk}.", null);
    }

    private static ToolDecision Decision(ToolDecisionKind kind, string? reason, string? approver) => kind switch
    {
        ToolDecisionKind.Run => ToolDecision.Run,
        ToolDecisionKind.Ask => ToolDecision.Ask(reason, approver),
        _ => ToolDecision.Deny(reason),
    };

    private bool Fits(ToolRule rule, ToolPolicyContext context) =>
        (rule.Tool is null || FitsName(rule.Tool, context.Tool)
            // A renamed tool is bound by rules about its own name. One that allows was written for another tool, perhaps.
            || (context.OriginalTool is { } original && rule.Decision != ToolDecisionKind.Run && FitsName(rule.Tool, original)))
        && (rule.Agent is null || rule.Agent == context.Agent)
        && (rule.User is null || rule.User == context.Call?.UserId)
        && (rule.Tenant is null || rule.Tenant == context.Call?.TenantId)
        && context.Risk >= rule.MinimumRisk
        && (rule.Argument is null || FitsArgument(rule, context.Arguments))
        && (rule.When is null || rule.When(context));

    private static bool FitsName(string pattern, string name) =>
        pattern.EndsWith('*') ? name.StartsWith(pattern[..^1], StringComparison.Ordinal) : name.Equals(pattern, StringComparison.Ordinal);

    private bool FitsArgument(ToolRule rule, JsonElement arguments)
    {
        var value = arguments;
        foreach (var name in rule.Argument!.Split('/'))
        {
            if (value.ValueKind != JsonValueKind.Object || !TryGet(value, name, out value))
            {
                return false;
            }
        }

        var text = value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();
        return (rule.ArgumentPattern is null || _patterns[rule].IsMatch(text)) && (rule.ArgumentAbove is not { } limit || IsAbove(value, text, limit));
    }

    // Serializers take a property in any case.
    private static bool TryGet(JsonElement value, string name, out JsonElement found)
    {
        foreach (var property in value.EnumerateObject())
        {
            if (property.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
            {
                found = property.Value;
                return true;
            }
        }

        found = default;
        return false;
    }

    private static bool IsAbove(JsonElement value, string text, decimal limit) => value.ValueKind switch
    {
        JsonValueKind.Number => value.TryGetDecimal(out var number) ? number > limit : !text.StartsWith('-'),
        JsonValueKind.String => !decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) || number > limit,
        _ => true,
    };
}
