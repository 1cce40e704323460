using AgentHosting.Pricing;
using Microsoft.Extensions.AI;

namespace AgentHosting.Models;

/// <summary>A named model of this host.</summary>
public sealed class ModelDefinition
{
    /// <summary>The name under which <c>ChatOptions.ModelId</c> asks for it.</summary>
    public required string Name { get; init; }

    /// <summary>The client that calls it.</summary>
    public required IChatClient Client { get; init; }

    /// <summary>What the host knows about it. Not to be changed.</summary>
    public required ModelOptions Options { get; init; }

    /// <summary>Its price, or <see langword="null"/> when unknown. One from a price file may be another after an update; take it once a call.</summary>
    public ModelPrice? Price
    {
        get => field ?? PriceInFile?.Invoke();
        init;
    }

    /// <summary>Looks up the price of a model that has none of its own.</summary>
    internal Func<ModelPrice?>? PriceInFile { get; init; }
}
