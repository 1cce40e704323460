using System.Diagnostics.Metrics;
using AgentHosting.Diagnostics;

namespace AgentHosting.ModelRouting.Internal;

internal sealed class ModelRouterMetrics
{
    private readonly Counter<long>? _routes;
    private readonly Counter<long>? _shadowRoutes;
    private readonly UpDownCounter<double>? _shadowSaving;

    public ModelRouterMetrics(IMeterFactory? meterFactory)
    {
        var meter = meterFactory?.Create(AgentHostingDiagnostics.MeterName);
        _routes = meter?.CreateCounter<long>("agenthosting.model_router.routes", "{call}", "Calls by the model that the router chose.");
        _shadowRoutes = meter?.CreateCounter<long>("agenthosting.model_router.shadow_routes", "{call}", "Calls by the model that the router would have chosen.");
        _shadowSaving = meter?.CreateUpDownCounter<double>(
            "agenthosting.model_router.shadow_saving", "{currency}", "What the routes that would have been chosen are estimated to have saved.");
    }

    public void Routed(string policy, ModelRoute route) => Add(_routes, policy, route);

    public void Shadowed(string policy, ModelRoute route, decimal? saving)
    {
        Add(_shadowRoutes, policy, route);
        if (saving is { } amount)
        {
            _shadowSaving?.Add((double)amount, new KeyValuePair<string, object?>(TagNames.ModelRoutePolicy, policy));
        }
    }

    private static void Add(Counter<long>? counter, string policy, ModelRoute route)
    {
        if (counter is { Enabled: true })
        {
            counter.Add(
                1,
                new KeyValuePair<string, object?>(TagNames.ModelRoute, route.Model),
                new KeyValuePair<string, object?>(TagNames.ModelRoutePolicy, policy),
                new KeyValuePair<string, object?>(TagNames.ModelRouteReason, route.Reason));
        }
    }
}
