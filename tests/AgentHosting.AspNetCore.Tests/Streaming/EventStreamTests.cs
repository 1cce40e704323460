using System.Net;
using System.Net.Sockets;
using System.Text;
using AgentHosting.Runs;
using AgentHosting.Testing;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Time.Testing;

namespace AgentHosting.AspNetCore.Tests.Streaming;

public sealed class EventStreamTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Events_RunWithTool_TellsTheWholeStory()
    {
        using var model = new ScriptedChatClient(
            ScriptedTurn.ToolCall("add", """{"a":2,"b":3}""", "call_0").WithUsage(100, 20), ScriptedTurn.Stream("It is\n", "5 👋.").WithUsage(200, 30));
        await using var app = await StartCalculatorAsync(model);
        var id = await app.SubmitAsync("""{"message":"2 + 3?","agent":"calc"}""");

        using var response = await app.GetAsync($"/agent/events/{id}");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType!.ToString());
        Assert.True(response.Headers.CacheControl!.NoCache);
        Assert.True(response.Headers.CacheControl.NoTransform);
        Assert.Equal("no", Assert.Single(response.Headers.GetValues("X-Accel-Buffering")));
        var events = await Sse.ReadAllAsync(response);
        Assert.Equal(Enumerable.Range(1, events.Count).Select(number => (long)number), events.Select(sse => sse.Id));
        Assert.Equal("run.queued", events[0].Type);
        Assert.Equal("run.completed", events[^1].Type);
        Assert.Equal("It is\n5 👋.", string.Concat(events.Where(sse => sse.Type == "text.delta").Select(sse => sse.Data.GetProperty("delta").GetString())));
        Assert.All(events, sse => Assert.Equal(TimeSpan.Zero, sse.Data.GetProperty("at").GetDateTimeOffset().Offset));
        Assert.All(events, sse => Assert.Equal(sse.Type.StartsWith("run.", StringComparison.Ordinal), sse.Data.TryGetProperty("task_id", out _)));
        Assert.Equal(id, events[0].Data.GetProperty("task_id").GetString());
        Assert.Equal("calc", events[0].Data.GetProperty("agent").GetString());
        var call = events.Single(sse => sse.Type == "tool.call").Data;
        Assert.Equal("""{"a":2,"b":3}""", call.GetProperty("arguments").GetRawText());
        Assert.Equal(("add", "call_0", "1.0"), (call.GetProperty("name").GetString(), call.GetProperty("call_id").GetString(), call.GetProperty("step").GetString()));
        Assert.Equal(5, events.Single(sse => sse.Type == "tool.result").Data.GetProperty("output").GetInt32());
        Assert.Contains(events, sse => sse.Type == "step.completed" && sse.Data.GetProperty("kind").GetString() == "tool");
        var completed = events[^1].Data;
        Assert.Equal("It is\n5 👋.", completed.GetProperty("result").GetString());
        Assert.Equal(350, completed.GetProperty("usage").GetProperty("total_tokens").GetInt64());
        Assert.Equal(0.0004m, completed.GetProperty("cost").GetDecimal());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Events_ResumedAfterEveryEvent_HasNoGapAndNoDouble(bool header)
    {
        using var model = new ScriptedChatClient(ScriptedTurn.ToolCall("add", """{"a":2,"b":3}"""), ScriptedTurn.Text("It is five, as far as I can tell."));
        await using var app = await StartCalculatorAsync(model);
        var id = await app.SubmitAsync("""{"message":"2 + 3?","agent":"calc"}""");
        List<Sse> whole;
        using (var response = await app.GetAsync($"/agent/events/{id}"))
        {
            whole = await Sse.ReadAllAsync(response);
        }

        for (var cut = 0; cut < whole.Count; cut++)
        {
            using var response = header
                ? await app.GetAsync($"/agent/events/{id}?after=0", ("Last-Event-ID", $"{cut}"))
                : await app.GetAsync($"/agent/events/{id}?after={cut}");
            var rest = await Sse.ReadAllAsync(response);
            Assert.Equal(
                whole.Select(sse => (sse.Id, sse.Type, sse.Data.GetRawText())),
                whole.Take(cut).Concat(rest).Select(sse => (sse.Id, sse.Type, sse.Data.GetRawText())));
        }

        using var nothing = header ? await app.GetAsync($"/agent/events/{id}", ("Last-Event-ID", $"{whole.Count}")) : await app.GetAsync($"/agent/events/{id}?after={whole.Count}");
        Assert.Equal(HttpStatusCode.NoContent, nothing.StatusCode);
    }

    [Theory]
    [InlineData("-1")]
    [InlineData("+1")]
    [InlineData("1.0")]
    [InlineData("x")]
    [InlineData(" ")]
    [InlineData("99999999999999999999")]
    [InlineData("0x1")]
    public async Task Events_MalformedPosition_IsRefused(string position)
    {
        await using var app = await TestApp.StartAsync();
        var id = await app.SubmitAsync("""{"message":"Hi"}""");

        using var header = await app.GetAsync($"/agent/events/{id}", ("Last-Event-ID", position));
        using var query = await app.GetAsync($"/agent/events/{id}?after={Uri.EscapeDataString(position)}");

        await ProblemAssert.IsInvalidAsync(header, "Last-Event-ID");
        await ProblemAssert.IsInvalidAsync(query, "after");
    }

    [Fact]
    public async Task Events_SeveralPositions_AreRefused()
    {
        await using var app = await TestApp.StartAsync();
        var id = await app.SubmitAsync("""{"message":"Hi"}""");

        using var header = await app.GetAsync($"/agent/events/{id}", ("Last-Event-ID", "1"), ("Last-Event-ID", "2"));
        using var query = await app.GetAsync($"/agent/events/{id}?after=1&after=2");

        await ProblemAssert.IsInvalidAsync(header, "Last-Event-ID");
        await ProblemAssert.IsInvalidAsync(query, "after");
    }

    [Fact]
    public async Task Events_QuietRun_CarriesAPingEveryInterval()
    {
        var clock = new FakeTimeProvider();
        await using var app = await TestApp.StartAsync(services: services => services.AddSingleton<TimeProvider>(clock));
        var id = await app.SubmitAsync("""{"message":"Hi","delay":2000000}""");
        using var response = await app.GetAsync($"/agent/events/{id}");
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(Token));
        Assert.StartsWith("id: 1\nevent: run.queued\n", await Sse.ReadBlockAsync(reader), StringComparison.Ordinal);

        for (var ping = 0; ping < 3; ping++)
        {
            var block = Sse.ReadBlockAsync(reader);
            // The timer of the next ping is set after the last one was sent, so the clock is moved until the ping is there.
            while (!block.IsCompleted)
            {
                clock.Advance(TimeSpan.FromSeconds(15));
                await Task.WhenAny(block, Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, Token));
            }

            Assert.Equal(": ping", await block);
        }
    }

    [Fact]
    public async Task Events_LessThanTheInterval_CarriesNoPing()
    {
        var clock = new FakeTimeProvider();
        await using var app = await TestApp.StartAsync(services: services => services.AddSingleton<TimeProvider>(clock));
        var id = await app.SubmitAsync("""{"message":"Hi","delay":3600}""");
        using var response = await app.GetAsync($"/agent/events/{id}");
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(Token));
        _ = await Sse.ReadBlockAsync(reader);
        clock.Advance(TimeSpan.FromSeconds(14));

        using var cancel = await app.SendAsync(HttpMethod.Post, $"/agent/cancel/{id}", null);

        Assert.StartsWith("id: 2\nevent: run.cancelled\n", await Sse.ReadBlockAsync(reader), StringComparison.Ordinal);
        Assert.Null(await Sse.ReadBlockAsync(reader));
    }

    [Fact]
    public async Task Stream_NewRun_StreamsItFromItsStart()
    {
        await using var app = await TestApp.StartAsync();

        using var response = await app.PostAsync("/agent/stream", """{"message":"Hi"}""");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType!.ToString());
        var id = Assert.Single(response.Headers.GetValues("X-Task-Id"));
        Assert.Equal($"/agent/status/{id}", response.Headers.Location!.OriginalString);
        var events = await Sse.ReadAllAsync(response);
        Assert.Equal("run.queued", events[0].Type);
        Assert.Equal("Hello there", events[^1].Data.GetProperty("result").GetString());
        Assert.Equal(id, events[^1].Data.GetProperty("task_id").GetString());
    }

    [Fact]
    public async Task Stream_ReplayedKey_StreamsTheFirstRunFromItsStart()
    {
        await using var app = await TestApp.StartAsync();
        using var first = await app.PostAsync("/agent/stream", """{"message":"Hi"}""", ("Idempotency-Key", "k"));
        var whole = await Sse.ReadAllAsync(first);

        using var again = await app.PostAsync("/agent/stream", """{"message":"Hi"}""", ("Idempotency-Key", "k"));

        Assert.Equal("true", Assert.Single(again.Headers.GetValues("Idempotency-Replayed")));
        Assert.Equal(whole.Select(sse => sse.Data.GetRawText()), (await Sse.ReadAllAsync(again)).Select(sse => sse.Data.GetRawText()));
    }

    [Fact]
    public async Task Stream_ReplayedKeyOfAForgottenRun_IsNotFound()
    {
        await using var app = await TestApp.StartAsync(services: services => RunStoreProxy.Decorate(services, (method, _) => method.Name == "GetAsync" ? default(ValueTask<AgentRun?>) : null));
        _ = await app.SubmitAsync("""{"message":"Hi"}""", ("Idempotency-Key", "k"));

        using var again = await app.PostAsync("/agent/stream", """{"message":"Hi"}""", ("Idempotency-Key", "k"));

        await ProblemAssert.IsAsync(HttpStatusCode.NotFound, again);
    }

    [Fact]
    public async Task Stream_ClientDisconnects_RunGoesOnAndWatchEnds()
    {
        var clock = new FakeTimeProvider();
        var watch = new TaskCompletionSource();
        using var model = new ScriptedChatClient(_ => ScriptedTurn.Stream("late").WithDelay(TimeSpan.FromSeconds(10))) { TimeProvider = clock };
        await using var app = await TestApp.StartAsync(model, services => RunStoreProxy.Decorate(services, (method, arguments) =>
        {
            if (method.Name == "WaitForEventsAsync")
            {
                ((CancellationToken)arguments[3]!).Register(() => watch.TrySetResult());
            }

            return null;
        }));
        string id;
        using (var response = await app.PostAsync("/agent/stream", """{"message":"Hi"}"""))
        {
            id = Assert.Single(response.Headers.GetValues("X-Task-Id"));
            await model.WaitForRequestsAsync(1, Token);
        }

        await watch.Task.WaitAsync(TimeSpan.FromSeconds(20), TimeProvider.System, Token);
        clock.Advance(TimeSpan.FromSeconds(10));

        Assert.Equal("completed", (await app.WaitAsync(id)).GetProperty("status").GetString());
    }

    [Fact]
    public async Task Events_HostStops_EndInOrder()
    {
        await using var app = await TestApp.StartAsync();
        var id = await app.SubmitAsync("""{"message":"Hi","delay":3600}""");
        using var response = await app.GetAsync($"/agent/events/{id}");

        app.App.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();

        Assert.Equal("run.queued", Assert.Single(await Sse.ReadAllAsync(response)).Type);
    }

    [Fact]
    public async Task Events_SlowReader_HoldsTheWatchBackInsteadOfFillingMemory()
    {
        const int Events = 100_000;
        var produced = 0;
        await using var app = await TestApp.StartAsync(services: services => RunStoreProxy.Decorate(services, (method, arguments) =>
            method.Name != "ReadEventsAsync" ? null : new ValueTask<RunEventPage?>(CreatePage((long)arguments[1]!, (int)arguments[2]!))));
        var id = await app.SubmitAsync("""{"message":"Hi"}""");
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4096 };
        await socket.ConnectAsync(IPAddress.Loopback, app.Http.BaseAddress!.Port, Token);
        await socket.SendAsync(Encoding.ASCII.GetBytes($"GET /agent/events/{id} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"), Token);

        // The reader reads nothing until the watch stands still.
        var seen = -1;
        for (var still = 0; still < 5; still = seen == Volatile.Read(ref produced) && seen > 0 ? still + 1 : 0)
        {
            seen = Volatile.Read(ref produced);
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, Token);
        }

        Assert.InRange(seen, 1, Events / 2);

        using var stream = new NetworkStream(socket);
        using var reader = new StreamReader(stream);
        var ids = new List<long>();
        while (await reader.ReadLineAsync(Token) is { } line)
        {
            if (line.StartsWith("id: ", StringComparison.Ordinal))
            {
                ids.Add(long.Parse(line["id: ".Length..], System.Globalization.CultureInfo.InvariantCulture));
            }
        }

        Assert.Equal(Events, ids.Count);
        Assert.Equal(Enumerable.Range(1, Events).Select(number => (long)number), ids);

        RunEventPage CreatePage(long after, int count)
        {
            var events = Enumerable.Range(1, count).Select(offset => after + offset).Where(sequence => sequence <= Events)
                .Select(sequence => new AgentRunEvent { Type = AgentRunEventTypes.TextDelta, Text = new string('x', 200) }.Numbered(sequence, DateTimeOffset.UnixEpoch)).ToList();
            Volatile.Write(ref produced, (int)after + events.Count);
            return new RunEventPage { Events = events, LastSequence = Events, IsTerminal = true };
        }
    }

    [Fact]
    public async Task Events_TrimmedRun_BeginWithASnapshot()
    {
        await using var app = await TestApp.StartAsync(services: services => RunStoreProxy.Decorate(services, (method, _) =>
            method.Name != "ReadEventsAsync" ? null : new ValueTask<RunEventPage?>(new RunEventPage
            {
                LastSequence = 40,
                IsTerminal = true,
                Events = [new AgentRunEvent { Sequence = 40, Type = AgentRunEventTypes.Snapshot, RunId = "run", Status = AgentRunStatus.Running, Step = "1", Text = "so far" }],
            })));
        var id = await app.SubmitAsync("""{"message":"Hi","delay":3600}""");

        using var response = await app.GetAsync($"/agent/events/{id}");

        var snapshot = Assert.Single(await Sse.ReadAllAsync(response));
        Assert.Equal((40, "snapshot"), (snapshot.Id, snapshot.Type));
        Assert.Equal(
            (id, "processing", "1", "so far"),
            (snapshot.Data.GetProperty("task_id").GetString(), snapshot.Data.GetProperty("status").GetString(), snapshot.Data.GetProperty("step").GetString(), snapshot.Data.GetProperty("text").GetString()));
    }

    private static Task<TestApp> StartCalculatorAsync(ScriptedChatClient model) => TestApp.StartAsync(
        model, services => services.AddAgentHosting().AddAgent("calc", agent => agent.WithTool(AIFunctionFactory.Create((int a, int b) => a + b, "add"))));
}
