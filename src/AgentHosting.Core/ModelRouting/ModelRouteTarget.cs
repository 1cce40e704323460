using AgentHosting.Models;
using AgentHosting.Pricing;

namespace AgentHosting.ModelRouting;

/// <summary>A candidate with what the host knows about it.</summary>
public sealed class ModelRouteTarget
{
    private ModelRoute? _last;

    /// <summary>The name that becomes <c>ChatOptions.ModelId</c>.</summary>
    public required string Model { get; init; }

    /// <summary>Its place among the candidates: 0 is the weakest.</summary>
    public required int Tier { get; init; }

    /// <summary>How often it is drawn, compared with the others.</summary>
    /// <value>The default is 1.</value>
    public double Weight { get; init; } = 1;

    /// <summary>Its price, or <see langword="null"/> when unknown.</summary>
    public ModelPrice? Price
    {
        get => field ?? Definition?.Price;
        init;
    }

    /// <summary>What else is known of it, or <see langword="null"/> for a model that is not in the catalog. Not to be changed.</summary>
    public ModelOptions? Options { get; init; }

    /// <summary>The choice of this model. Nearly all calls that come to it come for the same reason, so the last one is kept.</summary>
    internal ModelRoute RouteFor(string reason)
    {
        var last = _last;
        return last?.Reason == reason ? last : _last = new ModelRoute { Model = Model, Reason = reason };
    }

    /// <summary>What the catalog knows of it: prices of a file change while the host runs.</summary>
    internal ModelDefinition? Definition { get; init; }
}
