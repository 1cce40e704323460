using System.Net;
using System.Net.Http.Headers;
using System.Text;
using AgentHosting.Runs;
using Microsoft.Extensions.DependencyInjection;

namespace AgentHosting.AspNetCore.Tests.Runs;

public sealed class RunRequestErrorTests
{
    [Theory]
    [InlineData("", "$")]
    [InlineData("   ", "$")]
    [InlineData("nonsense", "$")]
    [InlineData("""{"message":"Hi" """, "$")]
    [InlineData("""{"message":"Hi"} {"message":"Hi"}""", "$")]
    [InlineData("""{"message":"Hi",}""", "$")]
    [InlineData("""{"message":"Hi"/* comment */}""", "$")]
    [InlineData("""{"message":"Hi","message":"Ho"}""", "$")]
    [InlineData("""{"message":"Hi","\u006dessage":"Ho"}""", "$")]
    [InlineData("""{"message":"Hi","metadata":{"a":"1","a":"2"}}""", "$")]
    [InlineData("""{"\ud800":"Hi"}""", "$")]
    [InlineData("""{"message":"Hi","metadata":{"\udc00":"1"}}""", "$")]
    [InlineData("[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]", "$")]
    [InlineData("[]", "$")]
    [InlineData("null", "$")]
    [InlineData("1", "$")]
    [InlineData("\"Hi\"", "$")]
    [InlineData("{}", "message")]
    [InlineData("""{"message":null}""", "message")]
    [InlineData("""{"message":""}""", "message")]
    [InlineData("""{"message":" \n"}""", "message")]
    [InlineData("""{"message":1}""", "message")]
    [InlineData("""{"message":["Hi"]}""", "message")]
    [InlineData("""{"message":"\ud800"}""", "message")]
    [InlineData("""{"message":"\udc00 x"}""", "message")]
    [InlineData("""{"message":"Hi","user_id":5}""", "user_id")]
    [InlineData("""{"message":"Hi","user_id":""}""", "user_id")]
    [InlineData("""{"message":"Hi","session_id":""}""", "session_id")]
    [InlineData("""{"message":"Hi","session_id":"a\u0007"}""", "session_id")]
    [InlineData("""{"message":"Hi","session_id":{}}""", "session_id")]
    [InlineData("""{"message":"Hi","agent":"nobody"}""", "agent")]
    [InlineData("""{"message":"Hi","agent":true}""", "agent")]
    [InlineData("""{"message":"Hi","priority":10}""", "priority")]
    [InlineData("""{"message":"Hi","priority":-1}""", "priority")]
    [InlineData("""{"message":"Hi","priority":1.5}""", "priority")]
    [InlineData("""{"message":"Hi","priority":"1"}""", "priority")]
    [InlineData("""{"message":"Hi","priority":99999999999999999999}""", "priority")]
    [InlineData("""{"message":"Hi","delay":-0.1}""", "delay")]
    [InlineData("""{"message":"Hi","delay":2592001}""", "delay")]
    [InlineData("""{"message":"Hi","delay":1e999}""", "delay")]
    [InlineData("""{"message":"Hi","delay":"5"}""", "delay")]
    [InlineData("""{"message":"Hi","on_busy":"Interrupt"}""", "on_busy")]
    [InlineData("""{"message":"Hi","supersede":"yes"}""", "supersede")]
    [InlineData("""{"message":"Hi","supersede":true,"on_busy":"rollback"}""", "supersede")]
    [InlineData("""{"message":"Hi","on_busy":1}""", "on_busy")]
    [InlineData("""{"message":"Hi","metadata":[]}""", "metadata")]
    [InlineData("""{"message":"Hi","metadata":{"a":1}}""", "metadata")]
    [InlineData("""{"message":"Hi","metadata":{"a":"\ud83d"}}""", "metadata")]
    [InlineData("""{"message":"Hi","metadata":{"":"x"}}""", "metadata")]
    [InlineData("""{"message":"Hi","Message":"Ho"}""", "Message")]
    [InlineData("""{"message":"Hi","tools":[]}""", "tools")]
    public async Task Run_WrongBody_IsRefusedNamingTheField(string body, string field)
    {
        await using var app = await TestApp.StartAsync();

        using var response = await app.PostAsync("/agent/run", body);
        using var stream = await app.PostAsync("/agent/stream", body);

        await ProblemAssert.IsInvalidAsync(response, field);
        await ProblemAssert.IsInvalidAsync(stream, field);
    }

    [Theory]
    [InlineData("session_id", 129)]
    [InlineData("user_id", 129)]
    [InlineData("message", 100_001)]
    public async Task Run_TextTooLong_IsRefused(string field, int length)
    {
        await using var app = await TestApp.StartAsync();
        var text = new string('x', length);

        using var response = await app.PostAsync("/agent/run", field == "message" ? $$"""{"message":"{{text}}"}""" : $$"""{"message":"Hi","{{field}}":"{{text}}"}""");

        await ProblemAssert.IsInvalidAsync(response, field);
    }

    [Theory]
    [InlineData(17, 1, 1)]
    [InlineData(1, 65, 1)]
    [InlineData(1, 1, 513)]
    public async Task Run_TooMuchMetadata_IsRefused(int entries, int nameLength, int valueLength)
    {
        await using var app = await TestApp.StartAsync();
        var metadata = string.Join(',', Enumerable.Range(0, entries).Select(number => $"\"{new string('n', nameLength)}{(entries > 1 ? number : "")}\":\"{new string('v', valueLength)}\""));

        using var response = await app.PostAsync("/agent/run", $$$"""{"message":"Hi","metadata":{{{{metadata}}}}}""");

        await ProblemAssert.IsInvalidAsync(response, "metadata");
    }

    [Fact]
    public async Task Run_SeveralWrongFields_ReportsAllAtOnce()
    {
        await using var app = await TestApp.StartAsync();

        using var response = await app.PostAsync(
            "/agent/run", """{"user_id":1,"priority":"x","delay":-1,"on_busy":"?","metadata":7,"extra":1}""", ("Idempotency-Key", "not visible"));

        await ProblemAssert.IsInvalidAsync(response, "message", "user_id", "priority", "delay", "on_busy", "metadata", "extra", "Idempotency-Key");
    }

    [Fact]
    public async Task Run_UnknownField_NamesTheKnownOnes()
    {
        await using var app = await TestApp.StartAsync();

        using var response = await app.PostAsync("/agent/run", """{"message":"Hi","sesion_id":"s"}""");

        var problem = await ProblemAssert.IsInvalidAsync(response, "sesion_id");
        Assert.Contains("session_id", problem.GetProperty("errors").GetProperty("sesion_id")[0].GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_ThousandsOfUnknownFields_AnswersBriefly()
    {
        await using var app = await TestApp.StartAsync();
        var fields = string.Join(',', Enumerable.Range(0, 10_000).Select(number => $"\"f{number}\":1"));

        using var response = await app.PostAsync("/agent/run", $$"""{"message":"Hi",{{fields}}}""");

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.InRange(response.Content.Headers.ContentLength!.Value, 1, 4096);
    }

    [Fact]
    public async Task Run_MalformedJson_SaysWhere()
    {
        await using var app = await TestApp.StartAsync();

        using var response = await app.PostAsync("/agent/run", "{\n  \"message\": oops\n}");

        var problem = await ProblemAssert.IsInvalidAsync(response, "$");
        Assert.Contains("line 2, byte 14", problem.GetProperty("errors").GetProperty("$")[0].GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_InvalidUtf8_IsRefused()
    {
        await using var app = await TestApp.StartAsync();
        using var content = new ByteArrayContent([.. "{\"message\":\""u8, 0xC3, 0x28, .. "\"}"u8]);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");

        using var response = await app.SendAsync(HttpMethod.Post, "/agent/run", content);

        await ProblemAssert.IsInvalidAsync(response, "$");
    }

    [Theory]
    [InlineData("text/plain", null)]
    [InlineData("application/x-www-form-urlencoded", null)]
    [InlineData("application/json; charset=utf-16", null)]
    [InlineData("application/json", "gzip")]
    [InlineData(null, null)]
    public async Task Run_NotJson_IsUnsupported(string? contentType, string? encoding)
    {
        await using var app = await TestApp.StartAsync();
        using var content = new ByteArrayContent("""{"message":"Hi"}"""u8.ToArray());
        content.Headers.ContentType = contentType is null ? null : MediaTypeHeaderValue.Parse(contentType);
        if (encoding is not null)
        {
            content.Headers.ContentEncoding.Add(encoding);
        }

        using var response = await app.SendAsync(HttpMethod.Post, "/agent/run", content);

        await ProblemAssert.IsAsync(HttpStatusCode.UnsupportedMediaType, response);
    }

    [Theory]
    [InlineData("application/json; charset=UTF-8")]
    [InlineData("application/json; charset=\"utf-8\"")]
    [InlineData("application/merge+json")]
    public async Task Run_OtherSpellingsOfJson_AreAccepted(string contentType)
    {
        await using var app = await TestApp.StartAsync();
        using var content = new ByteArrayContent("""{"message":"Hi"}"""u8.ToArray());
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(contentType);

        using var response = await app.SendAsync(HttpMethod.Post, "/agent/run", content);

        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Run_BodyTooLarge_IsRefused(bool chunked)
    {
        await using var app = await TestApp.StartAsync(endpoints: options => options.MaxRequestBodyBytes = 1000);

        Assert.Equal(HttpStatusCode.Accepted, await PostAsync(1000));
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, await PostAsync(1001));
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, await PostAsync(100_000));

        async Task<HttpStatusCode> PostAsync(int bytes)
        {
            const string Around = """{"message":""}""";
            var body = Encoding.UTF8.GetBytes($$"""{"message":"{{new string('x', bytes - Around.Length)}}"}""");
            using HttpContent content = chunked ? new StreamContent(new MemoryStream(body)) : new ByteArrayContent(body);
            content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            using var request = new HttpRequestMessage(HttpMethod.Post, "/agent/run") { Content = content };
            request.Headers.TransferEncodingChunked = chunked;
            using var response = await app.Http.SendAsync(request, TestContext.Current.CancellationToken);
            if (response.StatusCode == HttpStatusCode.RequestEntityTooLarge)
            {
                await ProblemAssert.IsAsync(HttpStatusCode.RequestEntityTooLarge, response);
            }

            return response.StatusCode;
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("two words")]
    [InlineData("ключ")]
    public async Task Run_WrongIdempotencyKey_IsRefused(string key)
    {
        await using var app = await TestApp.StartAsync();

        using var response = await app.PostAsync("/agent/run", """{"message":"Hi"}""", ("Idempotency-Key", key));

        await ProblemAssert.IsInvalidAsync(response, "Idempotency-Key");
    }

    [Fact]
    public async Task Run_IdempotencyKeyLength_Has200AsItsLimit()
    {
        await using var app = await TestApp.StartAsync();

        using var most = await app.PostAsync("/agent/run", """{"message":"Hi"}""", ("Idempotency-Key", new string('k', 200)));
        using var more = await app.PostAsync("/agent/run", """{"message":"Hi"}""", ("Idempotency-Key", new string('k', 201)));
        using var two = await app.PostAsync("/agent/run", """{"message":"Hi"}""", ("Idempotency-Key", "a"), ("Idempotency-Key", "b"));

        Assert.Equal(HttpStatusCode.Accepted, most.StatusCode);
        await ProblemAssert.IsInvalidAsync(more, "Idempotency-Key");
        await ProblemAssert.IsInvalidAsync(two, "Idempotency-Key");
    }

    public static TheoryData<Exception, HttpStatusCode, string?> Refusals => new()
    {
        { new AgentRunRequestException { Errors = new Dictionary<string, string[]> { ["message"] = ["No."] } }, HttpStatusCode.BadRequest, null },
        { new SessionBusyException { RunId = "run_0_1" }, HttpStatusCode.Conflict, null },
        { new IdempotencyConflictException(), HttpStatusCode.UnprocessableEntity, null },
        { new RunStoreFullException { RetryAfter = TimeSpan.FromSeconds(5) }, HttpStatusCode.ServiceUnavailable, "5" },
        { new RunStoreFullException(), HttpStatusCode.ServiceUnavailable, "1" },
        { new AgentRequestRejectedException { RetryAfter = TimeSpan.FromMilliseconds(2100) }, HttpStatusCode.TooManyRequests, "3" },
        { new AgentRequestRejectedException { RetryAfter = TimeSpan.MaxValue }, HttpStatusCode.TooManyRequests, "2147483647" },
        { new AgentRequestRejectedException { RetryAfter = TimeSpan.Zero }, HttpStatusCode.TooManyRequests, "1" },
        { new AgentRequestRejectedException(), HttpStatusCode.TooManyRequests, "1" },
        { new TimeoutException("store"), HttpStatusCode.ServiceUnavailable, "1" },
        { new RunStoreUnavailableException(), HttpStatusCode.ServiceUnavailable, "1" },
    };

    [Theory]
    [MemberData(nameof(Refusals), DisableDiscoveryEnumeration = true)]
    public async Task Submit_Refusal_HasItsStatusAndRetryAfter(Exception exception, HttpStatusCode status, string? retryAfter)
    {
        await using var app = await TestApp.StartAsync(services: services => services.AddSingleton<IAgentRunClient>(new FailingRunClient(exception)));

        foreach (var path in new[] { "/agent/run", "/agent/stream" })
        {
            using var response = await app.PostAsync(path, """{"message":"Hi"}""");
            await ProblemAssert.IsAsync(status, response);
            Assert.Equal(retryAfter, response.Headers.RetryAfter?.ToString());
        }
    }

    [Theory]
    [InlineData("GET", "/agent/status/x")]
    [InlineData("GET", "/agent/events/x")]
    [InlineData("POST", "/agent/cancel/x")]
    public async Task Read_StoreTimesOut_IsUnavailable(string method, string path)
    {
        await using var app = await TestApp.StartAsync(services: services => services.AddSingleton<IAgentRunClient>(new FailingRunClient(new TimeoutException("secret host name"))));

        using var response = await app.SendAsync(new HttpMethod(method), path, null);

        Assert.DoesNotContain("secret", (await ProblemAssert.IsAsync(HttpStatusCode.ServiceUnavailable, response)).GetRawText(), StringComparison.Ordinal);
    }
}
