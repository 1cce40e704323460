using System.Text;
using AgentHosting.Failures;
using AgentHosting.Testing;
using AgentHosting.Timeouts;
using Microsoft.Extensions.AI;

namespace AgentHosting.Providers.Tests;

/// <summary>One cell of the fault matrix: a provider that fails, another that answers, a pipeline, and in the words of the table what came of it.</summary>
internal sealed class MatrixRun(Fault fault, bool streaming, WireClient first, WireClient other) : IAsyncDisposable
{
    public const string Answer = "the real answer";
    private const string OtherAnswer = "the other answer";

    /// <summary>Whether the first provider answers from now on.</summary>
    public bool IsWell { get; set; }

    public WireClient First { get; } = first;

    public WireClient Other { get; } = other;

    /// <summary>The pipeline under test.</summary>
    public IChatClient Pipeline { get; set; } = first.Chat;

    public Exception? Error { get; private set; }

    /// <summary>
    /// Short, so that stalls end soon, and long enough for a slow machine to answer within it. A response that is not streamed has only the limit of the whole.
    /// </summary>
    public TimeoutOptions Limits => new()
    {
        Total = TimeSpan.FromSeconds(streaming ? 2.5 : 1),
        FirstToken = TimeSpan.FromSeconds(1),
        Idle = TimeSpan.FromSeconds(1),
    };

    /// <param name="name">The fault.</param>
    /// <param name="streaming">The shape of the call.</param>
    /// <param name="times">How often the first provider fails; it then answers.</param>
    public static async Task<MatrixRun> StartAsync(string name, bool streaming, int times = int.MaxValue)
    {
        var fault = Faults.Named(name);
        MatrixRun? run = null;
        var first = await WireClient.StartAsync(request => run!.IsWell || request.CallIndex >= times ? ScriptedTurn.Text(Answer) : fault.Turn());
        var other = await WireClient.StartAsync(static _ => ScriptedTurn.Text(OtherAnswer));
        return run = new MatrixRun(fault, streaming, first, other);
    }

    /// <summary>Calls once, and names the outcome. That what was seen is an answer or a part of one, once, is checked here.</summary>
    public async Task<string> CallAsync()
    {
        var (text, finished, error) = await CollectAsync();
        Error = error;
        if (error is StreamInterruptedException cut && text.Length > 0)
        {
            Assert.Equal(text, cut.PartialText);
            AssertSeen(text);
            return "cut";
        }

        if (error is not null)
        {
            if (text.Length > 0)
            {
                AssertSeen(text);
            }

            var cause = error is AgentHosting.Fallbacks.AllModelsFailedException { InnerException: { } inner } ? inner : error;
            return ChatFailureClassifier.Classify(cause, TimeProvider.System).Kind.ToString();
        }

        if (!finished)
        {
            Assert.Equal(fault.Seen, text);
            return "unfinished";
        }

        Assert.Contains(text, (string[])[Answer, OtherAnswer]);
        return text == Answer ? "answer" : "other";
    }

    public async Task AssertNothingOpenAsync()
    {
        await First.AssertNothingOpenAsync();
        await Other.AssertNothingOpenAsync();
    }

    public async ValueTask DisposeAsync()
    {
        Pipeline.Dispose();
        await First.DisposeAsync();
        await Other.DisposeAsync();
    }

    private void AssertSeen(string text)
    {
        // Without streaming a failed call shows nothing.
        Assert.True(streaming, $"A call that is not streamed gave '{text}' and failed.");
        Assert.Equal(fault.IsSeenInPart ? fault.Seen[..text.Length] : fault.Seen, text);
    }

    private async Task<(string Text, bool Finished, Exception? Error)> CollectAsync()
    {
        var token = TestContext.Current.CancellationToken;
        var (text, finished) = (new StringBuilder(), false);
        try
        {
            if (streaming)
            {
                await foreach (var update in Pipeline.GetStreamingResponseAsync("hi", cancellationToken: token))
                {
                    text.Append(update.Text);
                    finished |= update.FinishReason is not null;
                }
            }
            else
            {
                var response = await Pipeline.GetResponseAsync("hi", cancellationToken: token);
                text.Append(response.Text);
                finished = response.FinishReason is not null;
            }
        }
        catch (Exception exception) when (!token.IsCancellationRequested)
        {
            return (text.ToString(), finished, exception);
        }

        return (text.ToString(), finished, null);
    }
}
