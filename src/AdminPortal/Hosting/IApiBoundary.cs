namespace AdminPortal.Hosting;

/// <summary>What the pipeline has to know about the API. The API implements it, because Hosting does not depend on features.</summary>
internal interface IApiBoundary
{
    /// <summary>True for a path of the API, known or not.</summary>
    bool Covers(PathString path);

    /// <summary>True if a token authenticated the request. Browsers send none by themselves, so no other site can cause it.</summary>
    bool IsAuthenticatedByToken(HttpContext context);

    /// <summary>Answers a request of the API with a problem.</summary>
    Task RefuseAsync(HttpContext context, int status, string detail);
}
