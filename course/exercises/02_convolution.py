# ---
# jupyter:
#   imgkit:
#     title: Convolution by hand
#     minutes: 50
#     needs: [00_arrays]
# ---

# %% tags=["setup"]
import numpy as np

# %%
from imgkit import course
ex = course.exercise("02_convolution")

# %% tags=["task"] task="correlate2d" points=3 minutes=8 level=2 compare="close(rtol=1e-5, atol=1e-7)" forbid=["cv2", "scipy.ndimage"]
def correlate2d(image, kernel):
    """Correlate.
    """
    # BEGIN SOLUTION
    kh, kw = kernel.shape
    p = np.pad(image, ((kh // 2,), (kw // 2,)), mode="reflect")
    out = np.zeros(image.shape)
    for i in range(kh):
        for j in range(kw):
            out += kernel[i, j] * p[i : i + image.shape[0], j : j + image.shape[1]]
    return out
    # END SOLUTION

# %% [markdown] tags=["hint"] task="correlate2d"
# a

# %% [markdown] tags=["hint"] task="correlate2d"
# b

# %% [markdown] tags=["hint"] task="correlate2d"
# c

# %% tags=["cases"] task="correlate2d"
def correlate2d_cases(rng):
    for h, w in ((9, 12), (16, 11)):
        yield f"noise {h}x{w}", dict(image=rng.random((h, w)), kernel=rng.random((3, 5)))

# %% tags=["mistake"] task="correlate2d" says="You flipped the kernel."
def flipped(image, kernel):
    return correlate2d(image, kernel[::-1, ::-1])

# %% tags=["mistake"] task="correlate2d" says="Zeros."
def zero_border(image, kernel):
    kh, kw = kernel.shape
    return correlate2d(np.pad(image, ((kh,), (kw,))), kernel)[kh:-kh, kw:-kw]

# %% tags=["mistake"] task="correlate2d" says="transposed"
def transposed(image, kernel):
    return correlate2d(image, kernel).T

# %% tags=["check"]
ex.check(correlate2d)
