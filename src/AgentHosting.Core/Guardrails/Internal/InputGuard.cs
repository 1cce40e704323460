using System.Diagnostics;
using AgentHosting.Diagnostics;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;

namespace AgentHosting.Guardrails.Internal;

/// <summary>The input guard, for a pipeline as for the runs of a host: it inspects, logs and counts.</summary>
internal sealed partial class InputGuard(InputGuardOptions guard, StageServices services)
{
    private readonly InputInspector _inspector = new(guard);
    private readonly ILogger _logger = services.Logger<InputGuard>();
    private readonly InputGuardMetrics _metrics = new(services.Meters);

    /// <exception cref="InputRejectedException">A rule refuses the messages.</exception>
    public async ValueTask<InputFindings> InspectAsync(IReadOnlyList<ChatMessage> messages, AgentCallContext? context, CancellationToken cancellationToken)
    {
        try
        {
            var (inspected, score) = await _inspector.InspectAsync(messages, context, cancellationToken);
            var isSuspect = score >= guard.InjectionThreshold;
            var isTagged = isSuspect && guard.Injection == InjectionAction.Tag;
            if (isSuspect)
            {
                _metrics.Suspected();
                LogSuspected(score);
            }

            if (isTagged)
            {
                Activity.Current?.SetTag(TagNames.GuardScore, score);
            }

            return new InputFindings(inspected, score, isTagged);
        }
        catch (InputRejectedException exception)
        {
            _metrics.Rejected(exception.Reason);
            LogRejected(exception.Field, exception.Reason);
            throw;
        }
    }

    [LoggerMessage(EventIds.InputGuardRejected, LogLevel.Warning, "The input guard refused a request at {Field}: {Reason}.", EventName = "InputGuardRejected")]
    private partial void LogRejected(string field, string reason);

    [LoggerMessage(EventIds.InputGuardSuspected, LogLevel.Warning, "A request looks like prompt injection, with a score of {Score}. It was let through.", EventName = "InputGuardSuspected")]
    private partial void LogSuspected(double score);
}
