using Microsoft.Extensions.AI;

namespace AgentHosting.Pricing;

/// <summary>Counts tokens before the provider does. Without a registered one they are estimated (<see cref="TokenEstimator"/>).</summary>
public interface ITokenCounter
{
    /// <summary>Counts what a request sends: messages, instructions, tools with their schemas, the response format, images. Not less than the provider counts.</summary>
    /// <param name="messages">The messages.</param>
    /// <param name="options">The options.</param>
    /// <returns>The tokens.</returns>
    long CountInput(IEnumerable<ChatMessage> messages, ChatOptions? options);

    /// <summary>Counts a piece of an answer, as closely as it can.</summary>
    /// <param name="text">The text.</param>
    /// <returns>The tokens. Those of two pieces may add up to a few more than those of the whole.</returns>
    long CountOutput(ReadOnlySpan<char> text);

    /// <summary>
    /// How many times what the provider counts <see cref="CountOutput"/> may say. A stream that the provider itself limits is ended for its length only beyond that.
    /// </summary>
    /// <value>The default is 1: it counts exactly.</value>
    double OutputTolerance => 1;
}
