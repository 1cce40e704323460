using AgentHosting.Load.Crashes.Faults;
using AgentHosting.Load.Crashes.Oracle;
using AgentHosting.Load.Crashes.Workers;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace AgentHosting.Load.Crashes.Checks;

/// <summary>A worker that cannot reach Redis, where others can, stops what it does before its leases end, begins nothing more, and says that it is not healthy.</summary>
internal static class CutOffChecks
{
    private const double FenceAfter = 0.8;
    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Unhealthy = TimeSpan.FromSeconds(15);

    public static void Check(CrashEvidence evidence, CrashReport report, TimeSpan lease, string folder, IReadOnlyList<int> workers)
    {
        report.Promise("tools_not_stopped", "calls_after_fence", "healthy_while_cut_off", "unhealthy_at_end");
        var calls = evidence.Calls.SelectMany(static run => run).ToArray();
        var noticed = new List<double>();
        var stopped = 0;
        foreach (var fault in evidence.Faults.Where(static fault => fault.Kind == Fault.CutOff))
        {
            var fence = fault.At + (lease * FenceAfter) + Slack;
            var until = fault.Until!.Value;
            var own = calls.Where(call => call.Worker == fault.Worker).ToArray();
            foreach (var call in own.Where(call => call.Time > fence && call.Time < until))
            {
                report.Break("calls_after_fence", $"{call.Run} {call.Step} by {fault.Worker}, cut off at {fault.At:O}");
            }

            foreach (var call in own.Where(call => call.Time < fault.At && call.Time + call.Took > fence))
            {
                if (call.Stopped is { } at && at < fence)
                {
                    stopped++;
                }
                else
                {
                    report.Break("tools_not_stopped", $"{call.Run} {call.Step} by {fault.Worker}, cut off at {fault.At:O}: {(call.Stopped is { } late ? $"stopped at {late:O}" : "never stopped")}");
                }
            }

            var sick = HealthRecorder.Read(folder, fault.Worker).Where(said => said.At > fault.At && said.Status != HealthStatus.Healthy).Select(static said => said.At).FirstOrDefault();
            if (sick == default || sick > fault.At + Unhealthy || sick > until + Slack)
            {
                report.Break("healthy_while_cut_off", $"{fault.Worker}, cut off from {fault.At:O} to {until:O}, first said so at {sick:O}");
            }
            else
            {
                noticed.Add((sick - fault.At).TotalSeconds);
            }
        }

        foreach (var worker in workers.Where(worker => HealthRecorder.Read(folder, worker) is not [.., { Status: HealthStatus.Healthy }]))
        {
            report.Break("unhealthy_at_end", $"{worker}");
        }

        report.Figures["tools_stopped"] = stopped;
        report.Figures["unhealthy_after_max_s"] = noticed.Count == 0 ? null : Math.Round(noticed.Max(), 2);
    }
}
