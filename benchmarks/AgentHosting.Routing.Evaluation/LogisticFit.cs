namespace AgentHosting.Routing.Evaluation;

/// <summary>
/// Logistic regression on binned features. Each weight is the step from one bin to the next, so the penalty on weights keeps neighbouring bins alike;
/// a feature with a trend has no falling step.
/// </summary>
internal sealed class LogisticFit
{
    private const int OuterRounds = 12;
    private const int InnerRounds = 200;
    private readonly int[] _trends;
    private readonly int[][] _steps;
    private readonly double[] _penalties;

    /// <param name="trends">For each step 1 when it may not fall, else 0.</param>
    /// <param name="steps">For each row the indices of the steps it has taken.</param>
    /// <param name="penalties">For each step the weight of its square.</param>
    public LogisticFit(int[] trends, int[][] steps, double[] penalties)
    {
        _trends = trends;
        _steps = steps;
        _penalties = penalties;
    }

    /// <summary>Fits the steps.</summary>
    /// <returns>The steps; the last one is the bias.</returns>
    public double[] Fit(double[] targets, double[] rowWeights)
    {
        var size = _trends.Length;
        var beta = new double[size + 1];
        for (var round = 0; round < OuterRounds; round++)
        {
            var (gram, right) = Normal(beta, targets, rowWeights);
            Descend(gram, right, beta);
        }

        return beta;
    }

    public static double Score(double[] beta, int[] steps)
    {
        var sum = beta[^1];
        foreach (var step in steps)
        {
            sum += beta[step];
        }

        return sum;
    }

    // Newton's quadratic around beta, as normal equations.
    private (double[][] Gram, double[] Right) Normal(double[] beta, double[] targets, double[] rowWeights)
    {
        var size = beta.Length;
        var gram = new double[size][];
        for (var i = 0; i < size; i++)
        {
            gram[i] = new double[size];
        }

        var right = new double[size];
        var active = new int[size];
        for (var row = 0; row < _steps.Length; row++)
        {
            var steps = _steps[row];
            var score = Score(beta, steps);
            var probability = 1 / (1 + Math.Exp(-score));
            var curvature = Math.Max(probability * (1 - probability), 1e-5) * rowWeights[row];
            var working = (curvature * score) + ((targets[row] - probability) * rowWeights[row]);
            steps.CopyTo(active, 0);
            active[steps.Length] = size - 1;
            for (var i = 0; i <= steps.Length; i++)
            {
                right[active[i]] += working;
                var line = gram[active[i]];
                for (var k = 0; k <= steps.Length; k++)
                {
                    line[active[k]] += curvature;
                }
            }
        }

        for (var i = 0; i < size - 1; i++)
        {
            gram[i][i] += _penalties[i];
        }

        return (gram, right);
    }

    // Coordinate descent, because a sign can be kept at each step.
    private void Descend(double[][] gram, double[] right, double[] beta)
    {
        for (var round = 0; round < InnerRounds; round++)
        {
            double largest = 0;
            for (var i = 0; i < beta.Length; i++)
            {
                if (gram[i][i] <= 0)
                {
                    continue;
                }

                var rest = right[i];
                for (var k = 0; k < beta.Length; k++)
                {
                    rest -= gram[i][k] * beta[k];
                }

                var next = beta[i] + (rest / gram[i][i]);
                if (i < _trends.Length && _trends[i] > 0)
                {
                    next = Math.Max(0, next);
                }

                largest = Math.Max(largest, Math.Abs(next - beta[i]));
                beta[i] = next;
            }

            if (largest < 1e-6)
            {
                return;
            }
        }
    }
}
