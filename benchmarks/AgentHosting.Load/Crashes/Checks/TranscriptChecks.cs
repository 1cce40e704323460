using AgentHosting.Load.Crashes.Load;
using AgentHosting.Runs;
using Microsoft.Extensions.AI;

namespace AgentHosting.Load.Crashes.Checks;

/// <summary>A conversation holds each run once, in the order of acceptance, and of each what was said and done, once and in order.</summary>
internal static class TranscriptChecks
{
    public static void Check(CrashEvidence evidence, CrashReport report)
    {
        report.Promise("wrong_transcripts");
        report.Figures["sessions"] = evidence.Sessions.Count;
        report.Figures["session_runs"] = evidence.Submissions.Count(static submission => submission.Request.SessionId is not null);
        foreach (var (session, conversation) in evidence.Sessions.Where(session => !evidence.TouchedSessions.Contains(session.Key)))
        {
            var expected = evidence.Submissions.Where(submission => submission.Request.SessionId == session).ToArray();
            var turns = conversation?.Turns ?? [];
            if (!turns.Select(static turn => turn.RunId).SequenceEqual(expected.Select(static submission => submission.RunId)))
            {
                report.Break("wrong_transcripts", $"{session} holds {string.Join(' ', turns.Select(static turn => turn.RunId))} and not {string.Join(' ', expected.Select(static submission => submission.RunId))}");
                continue;
            }

            foreach (var (submission, turn) in expected.Zip(turns))
            {
                var said = Describe(turn.Messages);
                var meant = Describe(submission, evidence.Runs[submission.RunId!]);
                if (!IsSame(said, meant))
                {
                    report.Break("wrong_transcripts", $"{submission.RunId} in {session}: '{string.Join(" | ", said)}' and not '{string.Join(" | ", meant)}'");
                }
            }
        }
    }

    private static List<string> Describe(IEnumerable<ChatMessage> messages)
    {
        var lines = new List<string>();
        foreach (var message in messages)
        {
            // The wire begins an answer with an empty text.
            foreach (var content in message.Contents.Where(static content => content is not TextContent { Text: "" }))
            {
                lines.Add(content switch
                {
                    FunctionCallContent call => $"call {call.Name} {call.Arguments?["item"]}",
                    FunctionResultContent result => $"result {result.Result}",
                    TextContent text => $"{message.Role} {text.Text}",
                    _ => $"{message.Role} {content.GetType().Name}",
                });
            }
        }

        return lines;
    }

    private static List<string> Describe(CrashSubmission submission, AgentRun run)
    {
        var plan = submission.Plan;
        var lines = new List<string> { $"user {plan.ToMessage()}" };
        for (var round = 0; round < plan.Rounds.Count; round++)
        {
            lines.AddRange(plan.Rounds[round].Select((tool, position) => $"call {tool} {plan.ItemOf(round, position)}"));
            lines.AddRange(plan.Rounds[round].Select((tool, position) => $"result {CrashPlan.ResultOf(tool, plan.ItemOf(round, position))}"));
        }

        lines.Add($"assistant {run.Result}");
        return lines;
    }

    private static bool IsSame(List<string> said, List<string> meant) =>
        said.Count == meant.Count && said.Zip(meant).All(static pair =>
            pair.First == pair.Second
            || (pair.Second.StartsWith($"result {CrashPlan.Charge}", StringComparison.Ordinal) && pair.First.StartsWith("result Error: this call was begun before and interrupted", StringComparison.Ordinal)));
}
