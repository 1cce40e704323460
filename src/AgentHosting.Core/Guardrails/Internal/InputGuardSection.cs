namespace AgentHosting.Guardrails.Internal;

/// <summary>What configuration can say of <see cref="InputGuardOptions"/>: all but validators, which are code.</summary>
internal sealed class InputGuardSection
{
    public int? MaxMessageBytes { get; set; }

    public int? MaxTotalBytes { get; set; }

    public int? MaxAttachments { get; set; }

    public int? MaxAttachmentBytes { get; set; }

    public List<string> AllowedMediaTypes { get; } = [];

    public bool? AllowUris { get; set; }

    public bool? AllowSystemMessages { get; set; }

    public bool? AllowToolMessages { get; set; }

    public InputGuardAction? ControlCharacters { get; set; }

    public InputGuardAction? InvisibleCharacters { get; set; }

    public InjectionAction? Injection { get; set; }

    public double? InjectionThreshold { get; set; }

    public void ApplyTo(InputGuardOptions options)
    {
        options.MaxMessageBytes = MaxMessageBytes ?? options.MaxMessageBytes;
        options.MaxTotalBytes = MaxTotalBytes ?? options.MaxTotalBytes;
        options.MaxAttachments = MaxAttachments ?? options.MaxAttachments;
        options.MaxAttachmentBytes = MaxAttachmentBytes ?? options.MaxAttachmentBytes;
        options.AllowUris = AllowUris ?? options.AllowUris;
        options.AllowSystemMessages = AllowSystemMessages ?? options.AllowSystemMessages;
        options.AllowToolMessages = AllowToolMessages ?? options.AllowToolMessages;
        options.ControlCharacters = ControlCharacters ?? options.ControlCharacters;
        options.InvisibleCharacters = InvisibleCharacters ?? options.InvisibleCharacters;
        options.Injection = Injection ?? options.Injection;
        options.InjectionThreshold = InjectionThreshold ?? options.InjectionThreshold;
        foreach (var type in AllowedMediaTypes)
        {
            options.AllowedMediaTypes.Add(type);
        }
    }
}
