namespace AgentHosting.Models;

/// <summary>The models of this host, by name.</summary>
public interface IModelCatalog
{
    /// <summary>The names, in the order in which they were added.</summary>
    IReadOnlyList<string> Names { get; }

    /// <summary>The model of calls that name none: the first that was added.</summary>
    string DefaultModel { get; }

    /// <summary>Finds a model.</summary>
    /// <param name="name">The name; names are compared ordinally, case included.</param>
    /// <returns>The model, or <see langword="null"/>.</returns>
    ModelDefinition? Find(string name);
}
