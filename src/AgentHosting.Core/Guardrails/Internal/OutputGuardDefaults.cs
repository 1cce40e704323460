namespace AgentHosting.Guardrails.Internal;

internal static class OutputGuardDefaults
{
    public const int MaskKeep = 4;
}
