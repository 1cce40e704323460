using System.Diagnostics.Metrics;
using AgentHosting.Diagnostics;

namespace AgentHosting.Guardrails.Internal;

internal sealed class OutputGuardMetrics
{
    private readonly Counter<long>? _findings;

    public OutputGuardMetrics(IMeterFactory? meterFactory) => _findings = meterFactory?.Create(AgentHostingDiagnostics.MeterName).CreateCounter<long>(
        "agenthosting.output_guard.findings", "{finding}", "Sensitive data found in answers, by kind and what was done with it.");

    public void Found(string kind, SensitiveDataAction action) => _findings?.Add(
        1, new KeyValuePair<string, object?>(TagNames.GuardKind, kind), new KeyValuePair<string, object?>(TagNames.GuardAction, NameOf(action)));

    public static string NameOf(SensitiveDataAction action) => action switch
    {
        SensitiveDataAction.Redact => "redact",
        SensitiveDataAction.Mask => "mask",
        SensitiveDataAction.Hash => "hash",
        SensitiveDataAction.Block => "block",
        SensitiveDataAction.Tokenize => "tokenize",
        _ => "allow",
    };
}
