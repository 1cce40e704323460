using Microsoft.Extensions.AI;

namespace AgentHosting.Models.Internal;

/// <summary>One call of <c>AddModel</c>.</summary>
internal sealed class ModelRegistration
{
    public required string Name { get; init; }

    public required Func<IServiceProvider, IChatClient> CreateClient { get; init; }
}
