using System.ComponentModel.DataAnnotations;
using AgentHosting.Guardrails.Internal;

namespace AgentHosting.Guardrails;

/// <summary>What a caller may send.</summary>
public class InputGuardOptions
{
    /// <summary>The most text in one message, in bytes of UTF-8.</summary>
    /// <value>The default is 256 KiB.</value>
    [Range(1, int.MaxValue)]
    public int MaxMessageBytes { get; set; } = InputGuardDefaults.MaxMessageBytes;

    /// <summary>The most text in all messages of a request, in bytes of UTF-8.</summary>
    /// <value>The default is 4 MiB.</value>
    [Range(1, int.MaxValue)]
    public int MaxTotalBytes { get; set; } = InputGuardDefaults.MaxTotalBytes;

    /// <summary>The most attachments in a request.</summary>
    /// <value>The default is 10.</value>
    [Range(0, 1_000)]
    public int MaxAttachments { get; set; } = InputGuardDefaults.MaxAttachments;

    /// <summary>The most bytes in one attachment.</summary>
    /// <value>The default is 10 MiB.</value>
    [Range(1, int.MaxValue)]
    public int MaxAttachmentBytes { get; set; } = InputGuardDefaults.MaxAttachmentBytes;

    /// <summary>The media types that an attachment may have: whole ones, or <c>image/*</c>. In configuration they are added to those in code.</summary>
    /// <value>The default is PNG, JPEG, WebP and GIF images, PDF and plain text.</value>
    [Required]
    public IList<string> AllowedMediaTypes { get; } = [.. InputGuardDefaults.MediaTypes];

    /// <summary>Whether attachments may be addresses, which the provider loads.</summary>
    /// <value>The default is <see langword="false"/>.</value>
    public bool AllowUris { get; set; }

    /// <summary>Whether messages may have role <c>system</c> or <c>developer</c>. Instructions of your own belong into <c>ChatOptions.Instructions</c>, which are not checked.</summary>
    /// <value>The default is <see langword="false"/>.</value>
    public bool AllowSystemMessages { get; set; }

    /// <summary>Whether messages may hold tool calls and results, as a history does that your own code keeps. Answers to approval requests always pass.</summary>
    /// <value>The default is <see langword="false"/>.</value>
    public bool AllowToolMessages { get; set; }

    /// <summary>What is done with control characters other than tab and line ends.</summary>
    /// <value>The default is <see cref="InputGuardAction.Strip"/>.</value>
    public InputGuardAction ControlCharacters { get; set; }

    /// <summary>What is done with characters that cannot be seen: zero-width spaces, overrides of the writing direction, tags. Joiners, which some scripts and emoji need, stay.</summary>
    /// <value>The default is <see cref="InputGuardAction.Strip"/>.</value>
    public InputGuardAction InvisibleCharacters { get; set; }

    /// <summary>What is done with a message that looks like prompt injection. The signal is a hint: see the documentation for what it cannot do.</summary>
    /// <value>The default is <see cref="InjectionAction.Log"/>.</value>
    public InjectionAction Injection { get; set; } = InjectionAction.Log;

    /// <summary>The score from which a message counts as injection.</summary>
    /// <value>The default is 0.7.</value>
    [Range(0.01, 1.0)]
    public double InjectionThreshold { get; set; } = InputGuardDefaults.InjectionThreshold;

    /// <summary>Checks of your own, made last.</summary>
    /// <value>The default is empty.</value>
    [Required]
    public IList<IInputValidator> Validators { get; } = [];
}
