using Microsoft.Extensions.Options;

namespace AgentHosting.Mcp.Internal;

/// <summary>Names the configuration key of what is wrong, and the rules across fields.</summary>
internal sealed class McpServerOptionsValidator : IValidateOptions<McpServerOptions>
{
    private static readonly string[] Risks = ["Low", "Medium", "High", "Critical"];

    public ValidateOptionsResult Validate(string? name, McpServerOptions options)
    {
        var errors = new OptionsErrors($"{McpConfiguration.ServersSection}:{name}");
        errors.AddAttributes(options);
        errors.AddIf(options.Command is null && options.Url is null, nameof(options.Url), null, "Set Url for a server that is reached over HTTP, or Command for a program that is started.");
        errors.AddIf(options.Command is not null && options.Url is not null, nameof(options.Url), Shown(options.Url), "Set Url or Command, not both.");
        errors.AddIf(options.Command is not null && string.IsNullOrWhiteSpace(options.Command), nameof(options.Command), "", "Name a program.");
        errors.AddIf(
            options.Command is null && (options.Arguments.Count > 0 || options.Environment.Count > 0 || options.WorkingDirectory is not null),
            nameof(options.Command), null, "Arguments, Environment and WorkingDirectory are those of a program: name it.");
        errors.AddIf(options.Url is null && options.Headers.Count > 0, nameof(options.Url), null, "Headers are sent to an address: set it.");
        if (options.Url is { } url)
        {
            var isHttp = url.IsAbsoluteUri && (url.Scheme == Uri.UriSchemeHttp || url.Scheme == Uri.UriSchemeHttps);
            errors.AddIf(!isHttp, nameof(options.Url), Shown(url), "Use an absolute address that begins with https:// or http://.");
            errors.AddIf(isHttp && url.UserInfo.Length > 0, nameof(options.Url), Shown(url), "Put no user or password into the address; use Headers.");
        }

        foreach (var (header, value) in options.Headers)
        {
            // Values are secrets: the message does not show them.
            errors.AddIf(
                header.Length == 0 || header.Any(static c => c <= ' ' || c > '~' || c == ':') || value is null || value.AsSpan().IndexOfAny('\r', '\n') >= 0,
                $"{nameof(options.Headers)}:{header}", "no valid header", "Use a name of printable characters and a value on one line.");
        }

        errors.AddIf(
            options.Risk is not null && !Risks.Contains(options.Risk, StringComparer.Ordinal), nameof(options.Risk), options.Risk, $"Use one of: {string.Join(", ", Risks)}.");
        errors.AddIf(
            options.ToolPrefix is { } prefix && (prefix.Length > 32 || !prefix.All(McpToolNames.IsPlain)),
            nameof(options.ToolPrefix), options.ToolPrefix, "Use at most 32 letters, digits, '-' or '_'.");
        errors.AddIf(!Enum.IsDefined(options.OnToolChanged), nameof(options.OnToolChanged), options.OnToolChanged, "Use Refuse or Allow.");
        foreach (var accepted in options.AcceptedTools)
        {
            errors.AddIf(!McpToolFingerprint.IsFingerprint(accepted), nameof(options.AcceptedTools), accepted, "Use the fingerprint from the log: sha256: and 64 hexadecimal digits.");
        }

        errors.AddIfNotPositive(options.ConnectTimeout, nameof(options.ConnectTimeout), OptionsErrors.OneDay);
        errors.AddIfNotPositive(options.CallTimeout, nameof(options.CallTimeout), OptionsErrors.OneDay);
        errors.AddIfNotPositive(options.RefreshInterval, nameof(options.RefreshInterval), OptionsErrors.ManyDays);
        errors.AddIfNotPositive(options.ShutdownTimeout, nameof(options.ShutdownTimeout), OptionsErrors.OneDay);
        errors.AddIfNotPositive(options.CircuitOpenDuration, nameof(options.CircuitOpenDuration), OptionsErrors.OneDay);
        return errors.ToResult();
    }

    // Passwords and keys stand in user parts and queries.
    private static string? Shown(Uri? url) => url is { IsAbsoluteUri: true } ? $"{url.Scheme}://{url.Host}{url.AbsolutePath}" : url?.ToString();
}
