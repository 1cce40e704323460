using System.ComponentModel.DataAnnotations;
using AgentHosting.Guardrails.Internal;

namespace AgentHosting.Guardrails;

/// <summary>What the output guard does with the sensitive data that it finds in answers.</summary>
public class OutputGuardOptions
{
    /// <summary>What is done with kinds that <see cref="Actions"/> does not name.</summary>
    /// <value>The default is <see cref="SensitiveDataAction.Redact"/>.</value>
    public SensitiveDataAction DefaultAction { get; set; } = SensitiveDataAction.Redact;

    /// <summary>What is done with a kind, by its name in <see cref="SensitiveDataKinds"/> or that of a detector of your own. Case does not count.</summary>
    /// <value>The default is empty.</value>
    [Required]
    public IDictionary<string, SensitiveDataAction> Actions { get; } = new Dictionary<string, SensitiveDataAction>(StringComparer.OrdinalIgnoreCase);

    /// <summary>Values that may be seen, such as the address of your own support. Case does not count.</summary>
    /// <value>The default is empty.</value>
    [Required]
    public ISet<string> AllowedValues { get; } = new HashSet<string>(StringComparer.OrdinalIgnoreCase);

    /// <summary>Detectors besides the built-in ones.</summary>
    /// <value>The default is empty.</value>
    [Required]
    public IList<ISensitiveDataDetector> Detectors { get; } = [];

    /// <summary>How many of the last characters <see cref="SensitiveDataAction.Mask"/> leaves, of values at least twice as long.</summary>
    /// <value>The default is 4.</value>
    [Range(0, 16)]
    public int MaskKeep { get; set; } = OutputGuardDefaults.MaskKeep;

    /// <summary>The secret key of <see cref="SensitiveDataAction.Hash"/>, at least 16 characters. Without one a hash could be undone by trying values.</summary>
    /// <value>The default is <see langword="null"/>: no kind may be hashed.</value>
    public string? HashKey { get; set; }

    /// <summary>Whether the reasoning that a model shows is filtered too.</summary>
    /// <value>The default is <see langword="true"/>.</value>
    public bool FilterReasoning { get; set; } = true;

    /// <summary>Part of the key of cached answers, beside the options above, which are part of it by themselves. Change it when a detector of your own changes.</summary>
    /// <value>The default is an empty string.</value>
    [Required(AllowEmptyStrings = true)]
    public string PolicyVersion { get; set; } = string.Empty;

    /// <summary>The tokens of stages and filters that are made of these options without services.</summary>
    internal TokenVault Vault { get; } = new();
}
