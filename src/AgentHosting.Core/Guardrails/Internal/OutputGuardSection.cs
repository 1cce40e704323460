namespace AgentHosting.Guardrails.Internal;

/// <summary>What configuration can say of <see cref="OutputGuardOptions"/>: all but detectors, which are code.</summary>
internal sealed class OutputGuardSection
{
    public SensitiveDataAction? DefaultAction { get; set; }

    public Dictionary<string, SensitiveDataAction> Actions { get; } = new(StringComparer.OrdinalIgnoreCase);

    public List<string> AllowedValues { get; } = [];

    public int? MaskKeep { get; set; }

    public string? HashKey { get; set; }

    public bool? FilterReasoning { get; set; }

    public string? PolicyVersion { get; set; }

    public void ApplyTo(OutputGuardOptions options)
    {
        options.DefaultAction = DefaultAction ?? options.DefaultAction;
        options.MaskKeep = MaskKeep ?? options.MaskKeep;
        options.HashKey = HashKey ?? options.HashKey;
        options.FilterReasoning = FilterReasoning ?? options.FilterReasoning;
        options.PolicyVersion = PolicyVersion ?? options.PolicyVersion;
        foreach (var (kind, action) in Actions)
        {
            options.Actions[kind] = action;
        }

        options.AllowedValues.UnionWith(AllowedValues);
    }
}
