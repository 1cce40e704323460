using AgentHosting.Load.Crashes.Oracle;
using AgentHosting.Runs;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

namespace AgentHosting.Load.Crashes.Workers;

/// <summary>The tools of the agent. Each does one thing: it tells the oracle that it was called, and by which attempt.</summary>
internal sealed class OracleTools(HttpClient http)
{
    public AIFunction Lookup => Create(CrashPlan.Lookup, "Only reads.");

    public AIFunction Store => Create(CrashPlan.Store, "May be called twice without doing anything twice.");

    public AIFunction Charge => Create(CrashPlan.Charge, "Must not be called twice.");

    private AIFunction Create(string name, string description) => AIFunctionFactory.Create(
        async (AIFunctionArguments arguments, string item, CancellationToken cancellationToken) =>
        {
            var run = arguments.Services!.GetRequiredService<AgentRunContext>();
            var key = arguments.GetIdempotencyKey()!;
            var mark = OracleLog.Mark(run.RunId, key[(key.LastIndexOf('/') + 1)..], run.Attempt);
            using var response = await http.PostAsync(
                new Uri($"/tools/{name}?item={Uri.EscapeDataString(item)}&mark={Uri.EscapeDataString(mark)}", UriKind.Relative), null, cancellationToken);
            response.EnsureSuccessStatusCode();
            return await response.Content.ReadAsStringAsync(cancellationToken);
        },
        name,
        description);
}
