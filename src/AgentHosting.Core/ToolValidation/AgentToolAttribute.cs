namespace AgentHosting.ToolValidation;

/// <summary>Declares on the method behind a tool what is to be known about it. What is set at registration or in <see cref="ToolValidationOptions.Tools"/> wins.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class AgentToolAttribute : Attribute
{
    private ToolRisk? _risk;
    private double? _timeoutSeconds;
    private bool? _isIdempotent;

    /// <summary>What a call can do at worst.</summary>
    /// <value>The default is that nothing is declared: the tool is unclassified.</value>
    public ToolRisk Risk
    {
        get => _risk ?? ToolRisk.Medium;
        set => _risk = value;
    }

    /// <summary>The longest time for one call, in seconds.</summary>
    /// <value>The default is that nothing is declared.</value>
    public double TimeoutSeconds
    {
        get => _timeoutSeconds ?? 0;
        set => _timeoutSeconds = value;
    }

    /// <summary>Whether a call may be made twice without doing anything twice.</summary>
    /// <value>The default is that nothing is declared, which counts as no.</value>
    public bool IsIdempotent
    {
        get => _isIdempotent ?? false;
        set => _isIdempotent = value;
    }

    internal ToolRisk? DeclaredRisk => _risk;

    internal double? DeclaredTimeoutSeconds => _timeoutSeconds;

    internal bool? DeclaredIsIdempotent => _isIdempotent;
}
