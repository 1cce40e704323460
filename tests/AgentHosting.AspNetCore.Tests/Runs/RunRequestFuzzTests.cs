using System.Net.Http.Headers;
using System.Text;

namespace AgentHosting.AspNetCore.Tests.Runs;

public sealed class RunRequestFuzzTests
{
    private const int Bodies = 500;
    private static readonly string[] Fragments =
    [
        "{", "}", "[", "]", ",", ":", "\"", "\\", "null", "true", "1e999", "-", "0.1", "\"message\"", "\"Hi\"", "\"priority\"", "\"metadata\"", "\"\\ud800\"", "\"\\u0000\"",
        "\"delay\"", "\"session_id\"", "\"user_id\"", "\"on_busy\"", "\"enqueue\"", "9", " ", "\n", "\u2028", "👋", "/*", "//",
    ];

    [Fact]
    public async Task Run_MutatedBodies_NeverFailTheServer()
    {
        var seed = Environment.TickCount;
        TestContext.Current.TestOutputHelper!.WriteLine($"seed {seed}");
        var random = new Random(seed);
        await using var app = await TestApp.StartAsync();
        var statuses = new Dictionary<int, int>();

        for (var number = 0; number < Bodies; number++)
        {
            var body = Create(random);
            using var content = new ByteArrayContent(body);
            content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            using var response = await app.SendAsync(HttpMethod.Post, "/agent/run", content);
            var status = (int)response.StatusCode;
            statuses[status] = statuses.GetValueOrDefault(status) + 1;
            Assert.True(status is 202 or 400, $"Seed {seed}, body {number} was answered with {status}: {Convert.ToHexString(body)}");
            if (status == 400)
            {
                var problem = await ProblemAssert.IsAsync(System.Net.HttpStatusCode.BadRequest, response);
                Assert.NotEmpty(problem.GetProperty("errors").EnumerateObject());
            }
        }

        // Mutations that are all refused, or all taken, would test little.
        Assert.InRange(statuses[400], Bodies / 4, Bodies - 1);
    }

    private static byte[] Create(Random random)
    {
        var body = Encoding.UTF8.GetBytes("""{"message":"Hi","user_id":"alice","session_id":"s","priority":3,"delay":3000.5,"on_busy":"enqueue","metadata":{"k":"v"}}""").ToList();
        switch (random.Next(4))
        {
            case 0:
                for (var change = random.Next(1, 4); change > 0; change--)
                {
                    body[random.Next(body.Count)] = (byte)random.Next(256);
                }

                break;
            case 1:
                body.InsertRange(random.Next(body.Count), Encoding.UTF8.GetBytes(Fragments[random.Next(Fragments.Length)]));
                break;
            case 2:
                var start = random.Next(body.Count);
                body.RemoveRange(start, random.Next(body.Count - start + 1));
                break;
            default:
                body = [.. Encoding.UTF8.GetBytes("{" + string.Concat(Enumerable.Range(0, random.Next(30)).Select(_ => Fragments[random.Next(Fragments.Length)])) + "}")];
                break;
        }

        return [.. body];
    }
}
