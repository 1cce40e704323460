namespace AgentHosting.Guardrails.Internal;

internal static class InputGuardDefaults
{
    public const int MaxMessageBytes = 256 * 1024;
    public const int MaxTotalBytes = 4 * 1024 * 1024;
    public const int MaxAttachments = 10;
    public const int MaxAttachmentBytes = 10 * 1024 * 1024;
    public const double InjectionThreshold = 0.7;

    public static string[] MediaTypes { get; } = ["image/png", "image/jpeg", "image/webp", "image/gif", "application/pdf", "text/plain"];
}
